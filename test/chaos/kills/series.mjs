// Kills in one topology, as one user: plans them, carries them out, and sees what is wrong afterwards.
import { writeFileSync } from 'node:fs'
import { sitesOf } from '../inject/sites.mjs'
import { readTrace } from '../jail/command.mjs'
import { AttackedLab } from '../jail/lab.mjs'
import { untilAlone } from '../jail/snapshot.mjs'
import { wrongAfter } from './aftermath.mjs'
import { CHANGED_FILE, COMMANDS, NEXT, randomKill, randomMoment, TOPOLOGY_FILE } from './plan.mjs'
import { strike } from './strike.mjs'

export class Series {
  /** Why there can be no kills here; null when there can. @type {string | null} */
  refusal = null
  /** Sites of each command, and how long it takes, once it was traced. */
  #traces = new Map()

  constructor(topology, user) {
    this.lab = new AttackedLab(topology, user)
  }

  /** @param {object} topology called `attacked` */
  static async open(topology, user) {
    const series = new Series(topology, user)
    series.writeTopology()
    series.refusal = await series.lab.prepare()
    return series
  }

  /** For `up` and `apply` to read, when another series has been at work. */
  writeTopology() {
    writeFileSync(TOPOLOGY_FILE, this.lab.text)
    writeFileSync(CHANGED_FILE, JSON.stringify(changedTopology(this.lab.topology)))
  }

  /** @returns {Promise<import('./plan.mjs').Kill>} */
  async plan(random) {
    const kill = randomKill(random, this.lab.hasWire)
    if (kill.delay !== undefined) return kill
    return { ...kill, at: randomMoment(random, (await this.#traceOf(kill.command)).sites) }
  }

  /**
   * Whoever makes it is killed at each system call of each command: of the shim, the keeper and the nodes at all of them, of the
   * command line once at each site.
   *
   * @returns {AsyncGenerator<import('./plan.mjs').Kill>}
   */
  async *everyPlan(random) {
    for (const command of Object.keys(COMMANDS))
      for (const { role, call, object, nths } of (await this.#traceOf(command)).sites)
        for (const nth of role.startsWith('cli') ? [random.pick(nths)] : nths)
          yield { command, victim: 'self', signal: 'SIGKILL', next: random.pick(NEXT), at: { role, call, object, nth } }
  }

  /** @returns what was `wrong`, whether the kill was `met`, and the command's `result` */
  async kill(kill) {
    const { ms } = await this.#traceOf(kill.command)
    await this.#begin(COMMANDS[kill.command].begins)
    const outcome = await strike(this.lab, kill, ms)
    return { ...outcome, wrong: await wrongAfter(this.lab, kill, outcome) }
  }

  async #begin(state) {
    if (state === 'down') for (const text of await this.lab.ensureDown()) throw new Error(text)
    if (state !== 'down') await this.lab.ensureUp()
    if (state === 'dead') await this.#killKeeper()
  }

  async #killKeeper() {
    const { stdout } = await this.lab.nslab(['ls', '--json'])
    process.kill(JSON.parse(stdout).labs[0].keeper.pid, 'SIGKILL')
    await untilAlone()
  }

  async #traceOf(command) {
    const known = this.#traces.get(command)
    if (known) return known
    const { words, traced = words, begins } = COMMANDS[command]
    await this.#begin(begins)
    const { ms } = await this.lab.nslab(traced, { traced: true })
    const trace = { sites: sitesOf(readTrace()), ms }
    this.#traces.set(command, trace)
    if (['down', 'gc'].includes(command)) this.lab.standing = null
    if (command === 'apply') for (const text of await this.lab.ensureDown()) throw new Error(text)
    if (command === 'pause') await this.lab.nslab(['resume', this.lab.name])
    if (command === 'up') await this.lab.nslab(['down', this.lab.name])
    return trace
  }
}

/** With a node and a link more, one link that is replaced, and a node's kernel parameter changed. */
function changedTopology(topology) {
  const { h1, ...others } = topology.nodes
  const nodes = { h1: { ...h1, sysctls: { 'net.ipv4.ip_default_ttl': 48 } }, ...others, x1: {}, x2: {} }
  return { ...topology, nodes, links: [...topology.links, ['h1', 'x1'], ['x1:wan', 'x2:wan']] }
}
