// One walk: a lab, and what is applied to it step by step.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { faultsOfEnd, firstLine, nslab } from '../command.mjs'
import { autoLab } from '../labs/auto.mjs'
import { writtenLab } from '../labs/written.mjs'
import { edited } from './edits.mjs'
import { differencesOf, viewOf } from './kernel-view.mjs'

const RUN = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))
const EDIT_TRIES = 10
const DIFFERENT = 8

export class Walk {
  #random
  #name
  #file
  #counts
  #env
  #uid
  /** How long the last `apply` took. */
  #applyMs = 500

  constructor({ random, place, name, uid, counts }) {
    this.#random = random
    this.#name = name
    this.#counts = counts
    this.#uid = uid
    this.#file = join(place, 'lab.yaml')
    this.#env = { NSLAB_STATE_DIR: join(place, 'state') }
  }

  /** @returns {Promise<string[]>} the faults of the first step that has any, with what leads there */
  async run(steps, until) {
    let topology = this.#fresh()
    this.#write(topology)
    const up = await this.#nslab('up', this.#file, '--name', this.#name)
    if (up.status !== 0) return [`up ends with ${up.status}, ${firstLine(up)}: ${JSON.stringify(topology)}`]
    const faults = []
    for (let step = 0; step < steps && faults.length === 0 && performance.now() < until; step++) {
      const next = await this.#next(topology)
      if (!next) continue
      const found = await this.#step(next)
      const story = `\n  from ${JSON.stringify(topology)}\n  to ${JSON.stringify(next)}`
      faults.push(...found.map((fault) => `step ${step}: ${fault}${story}`))
      topology = next
    }
    const down = await this.#nslab('down', this.#name)
    if (down.status !== 0) faults.push(`down ends with ${down.status}, ${firstLine(down)}`)
    return faults
  }

  /** The topology after a random edit that is valid; undefined when chance found none. */
  async #next(topology) {
    if (this.#random.fraction() < 0.1) return this.#fresh()
    for (let tries = 0; tries < EDIT_TRIES; tries++) {
      let next = topology
      for (let edits = this.#random.integer(1, 3); edits > 0; edits--) next = edited(next, this.#random)
      this.#write(next)
      if ((await this.#nslab('validate', this.#file)).status === 0) return next
      this.#counts.refused++
    }
  }

  #fresh() {
    const lab = this.#random.fraction() < 0.5 ? autoLab(this.#random) : writtenLab(this.#random)
    return JSON.parse(lab.text)
  }

  #write(topology) {
    writeFileSync(this.#file, JSON.stringify({ name: this.#name, ...topology }))
  }

  async #step(topology) {
    this.#write(topology)
    if (this.#random.fraction() < 0.3) await this.#killed()
    const began = performance.now()
    const apply = await this.#nslab('apply', this.#file, this.#name, '--yes', '--json')
    this.#applyMs = performance.now() - began
    if (apply.status !== 0) return [`apply ends with ${apply.status}, ${refusalOf(apply)}`, ...faultsOfEnd(apply)]
    this.#counts.steps++
    this.#counts.differences += JSON.parse(apply.stdout).differences.length
    return [...(await this.#stillDifferent()), ...(await this.#unlikeFresh())]
  }

  /** An `apply` that is killed at a random instant. */
  async #killed() {
    const id = String(this.#uid)
    const words = [process.execPath, RUN, 'apply', this.#file, this.#name, '--yes']
    const asUser = this.#uid === 0 ? words : ['setpriv', '--reuid', id, '--regid', id, '--clear-groups', ...words]
    const child = spawn(asUser[0], asUser.slice(1), { env: { ...process.env, ...this.#env }, stdio: 'ignore' })
    const ended = once(child, 'exit')
    await Promise.race([ended, setTimeout(this.#random.fraction() * this.#applyMs * 1.1)])
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      this.#counts.killed++
    }
    await ended
  }

  /** A second `apply` has nothing to do. */
  async #stillDifferent() {
    const { status, stdout } = await this.#nslab('diff', this.#name, this.#file, '--json')
    if (status === 0) return []
    const text = status === DIFFERENT ? JSON.stringify(JSON.parse(stdout).differences.slice(0, 5)) : stdout
    return [`diff after apply ends with ${status}: ${text}`]
  }

  async #unlikeFresh() {
    const twin = `${this.#name}-twin`
    const up = await this.#nslab('up', this.#file, '--name', twin)
    if (up.status !== 0) return [`up of the twin ends with ${up.status}, ${firstLine(up)}`]
    const [own, fresh] = [await this.#views(this.#name), await this.#views(twin)]
    const faults = differencesOf(own, fresh).map((text) => `unlike a fresh lab: ${text}`)
    const [reached, expected] = [await this.#reached(this.#name), await this.#reached(twin)]
    this.#counts.pings += expected.size
    for (const [pair, isReached] of expected)
      if (reached.get(pair) !== isReached)
        faults.push(
          `${pair} is ${reached.get(pair) ? '' : 'not '}reached, in a fresh lab ${isReached ? 'it is' : 'not'}`,
        )
    const down = await this.#nslab('down', twin)
    if (down.status !== 0) faults.push(`down of the twin ends with ${down.status}`)
    return faults
  }

  async #views(lab) {
    const { stdout } = await this.#nslab('inspect', lab, '--json')
    return new Map(JSON.parse(stdout).nodes.map(({ name, pid }) => [name, viewOf(pid)]))
  }

  /** Which pairs of nodes reach each other, by `FROM → TO FAMILY`. */
  async #reached(lab) {
    const { status, stdout, stderr } = await this.#nslab(
      'ping',
      '--all',
      '--lab',
      lab,
      '--json',
      '-c',
      '2',
      '-i',
      '0.05',
      '-W',
      '1',
    )
    if (![0, DIFFERENT].includes(status)) return new Map([[`ping ends with ${status}: ${stderr.trim()}`, true]])
    return new Map(JSON.parse(stdout).pairs.map(({ from, to, received }) => [`${from} → ${to}`, received > 0]))
  }

  #nslab(...words) {
    return nslab(words, { uid: this.#uid, env: this.#env })
  }
}

/** What a command with --json says of its failure. */
function refusalOf(outcome) {
  try {
    const { message, hint = '' } = JSON.parse(outcome.stdout).error
    return `${message} ${hint}`.slice(0, 600)
  } catch {
    return firstLine(outcome)
  }
}
