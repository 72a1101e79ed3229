// A lab that is attacked: made, compared, and taken away again, so that each attack begins with what the one before found.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { nslab } from './command.mjs'
import { processIds, settledDifferences, takeSnapshot } from './snapshot.mjs'
import { faultsOfLab } from './whole.mjs'

/** What the kernel needs to end what was killed. */
const KILL_MS = 5000
const PAUSE_MS = 20
/** What a new lab takes to be as it stays, on a machine that is busy. */
const SETTLE_MS = 15_000

/** A directory that other labs, or ip-netns(8), use as well; what would be in it has a line of its own. */
const EMPTY_PLACE = /^(?:left|gone): file (?:\/run\/netns|\/run\/nslab|\/tmp\/nslab-\d+|\/run\/user\/\d+\/nslab)(?: |$)/

/** A process of an earlier attack that had ended, and was reaped during this one. */
const REAPED = /^gone: process .* not reaped$/

/** Which command had the lab's turn last. */
const TURN = /^changed: file \/\S*\/turn\.json /

/** After this, the jail itself is of no use, and the attack ends. */
export class JailSpoiled extends Error {}

export class AttackedLab {
  /** What there is in the jail without the lab. @type {import('./snapshot.mjs').Snapshot} */
  nothing = new Map()
  /** What there is with it; null while it is down. @type {import('./snapshot.mjs').Snapshot | null} */
  standing = null

  /** Whether it has a wire. */
  hasWire = false
  /** What inspect says of it, without what differs from one time to the next. */
  #likeness = ''

  /**
   * @param {object} topology with a `name`
   * @param {keyof typeof import('./users.mjs').USERS} user
   */
  constructor(topology, user) {
    this.topology = topology
    this.user = user
    this.text = JSON.stringify(topology)
    this.name = topology.name
  }

  /** @param {readonly string[]} words @param {object} options of command.mjs */
  nslab = (words, options = {}) =>
    nslab(words, { user: this.user, ...(words[0] === 'up' ? { input: this.text } : {}), ...options })

  /**
   * Makes the lab and takes it down once, unharmed.
   *
   * @returns {Promise<string | null>} why it cannot be attacked: what this kernel lacks, or a failure without any attack
   */
  async prepare() {
    const up = await this.nslab(['up', '-'])
    if (up.status !== 0) return `up ends with ${up.status}: ${up.stderr}`
    const { faults, document } = await faultsOfLab(this.topology, this.user)
    this.#likeness = likenessOf(document)
    this.hasWire = document?.links.some(({ emulation }) => emulation?.backend === 'wire') ?? false
    const down = await this.nslab(['down', this.name])
    if (down.status !== 0) return `down ends with ${down.status}: ${down.stderr}`
    // Directories that outlive labs, such as /run/netns, are there from now on.
    this.nothing = takeSnapshot()
    return faults.length === 0 ? null : faults.join('; ')
  }

  /** To be called while no lab is up: what others have left in the jail is not this one's. */
  enter() {
    if (this.standing === null) this.nothing = takeSnapshot()
  }

  /** Brings it up, unless it is. */
  async ensureUp() {
    if (this.standing !== null) return
    const { status, stderr } = await this.nslab(['up', '-'])
    if (status !== 0) throw new JailSpoiled(`up after all was clean ends with ${status}: ${stderr}`)
    this.standing = await stableSnapshot()
  }

  /** Takes it down, unless it is. @returns {Promise<string[]>} what went wrong */
  async ensureDown() {
    if (this.standing === null) return []
    this.standing = null
    const { status, stderr } = await this.nslab(['down', this.name])
    return status === 0 ? [] : [`down ends with ${status}: ${stderr.trim()}`]
  }

  /** What differs from a jail without the lab, for good. */
  leftOver = async () =>
    (await settledDifferences(this.nothing)).filter((line) => !EMPTY_PLACE.test(line) && !REAPED.test(line))

  /** What differs from the lab as it stood, for good. */
  changes = async (timeoutMs) => (await settledDifferences(this.standing, timeoutMs)).filter((line) => !TURN.test(line))

  /** What is wrong with the lab that runs: it is not whole, or differs from what it was the first time. */
  async faults() {
    const { faults, document } = await faultsOfLab(this.topology, this.user)
    const likeness = likenessOf(document)
    if (faults.length > 0 || likeness === this.#likeness) return faults
    return [`the lab differs: ${firstDifference(this.#likeness, likeness)}`]
  }

  /**
   * Makes the jail what it was, by force: for what an attack has left. What cannot be removed counts as there from now on.
   *
   * @throws JailSpoiled when a process does not end.
   */
  async wipe() {
    this.standing = null
    for (const end = performance.now() + KILL_MS; processIds().length > 0 && performance.now() < end; ) {
      killOthers()
      await setTimeout(PAUSE_MS)
    }
    if (processIds().length > 0) throw new JailSpoiled('processes that were killed do not end')
    for (const [name] of takeSnapshot()) if (!this.nothing.has(name)) remove(name)
    this.nothing = takeSnapshot()
  }
}

/** Both ends of the keeper's control socket stay (native-shim/keeper.h), and with a wire the socket on which that listens. */
const KEEPER_SOCKETS = { plain: 2, withWire: 3 }
const KEEPER = /^process \d+ \(nslab: [^/ ]+\)$/

/**
 * The keeper closes its end of the builder's socket a moment after the builder has been told that the lab is committed, and a
 * shell of a lab's command may still be about to become that.
 */
async function stableSnapshot() {
  for (const end = performance.now() + SETTLE_MS; ; await setTimeout(PAUSE_MS)) {
    const snapshot = takeSnapshot()
    const unsettled = [...snapshot].filter(([name, open]) => name.startsWith('process') && isUnsettled(name, open))
    if (unsettled.length === 0) return snapshot
    if (performance.now() > end) throw new JailSpoiled(`a new lab does not settle: ${unsettled.join('; ')}`)
  }
}

function isUnsettled(name, open) {
  const most = open.includes('memfd:wire') ? KEEPER_SOCKETS.withWire : KEEPER_SOCKETS.plain
  return name.includes('sh -c') || (KEEPER.test(name) && open.split('socket:').length - 1 > most)
}

/**
 * Without the numbers that the kernel gives anew each time, how often a wire was killed and what it lost, and cgroups: a lab does without where it
 * cannot have any (docs/namespace-choice.md).
 */
function likenessOf(document) {
  const changing = new Set(['pid', 'elapsedMs', 'namespaces', 'cgroup', 'restarts', 'lost'])
  return JSON.stringify(document, (key, value) => (changing.has(key) ? undefined : value), 1) ?? ''
}

function firstDifference(expected, found) {
  const lines = expected.split('\n')
  const at = found.split('\n').findIndex((line, index) => line !== lines[index])
  return `${lines[at]?.trim()} became ${found.split('\n')[at]?.trim()}`
}

function killOthers() {
  try {
    process.kill(-1, 'SIGKILL')
  } catch {
    // There is nobody else.
  }
}

/** @param {string} name of a thing in a snapshot */
function remove(name) {
  const [kind, path] = [name.slice(0, name.indexOf(' ')), name.slice(name.indexOf(' ') + 1)]
  if (kind === 'file') rmSync(path, { recursive: true, force: true })
  if (kind === 'cgroup') spawnSync('find', [path, '-depth', '-type', 'd', '-delete'])
}
