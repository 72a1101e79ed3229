// In a jail: kills what takes part in a command, and sees what comes of it.
import { writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { sitesOf } from '../inject/sites.mjs'
import { readTrace } from '../jail/command.mjs'
import { AttackedLab } from '../jail/lab.mjs'
import { processIds, summaryOf } from '../jail/snapshot.mjs'
import { USERS } from '../jail/users.mjs'
import { randomTopology } from '../topologies.mjs'
import { wrongAfter } from './aftermath.mjs'
import { COMMANDS, randomKill, randomMoment } from './plan.mjs'
import { strike } from './strike.mjs'

/** Kills of one topology before the next. */
const KILLS = { short: 10, long: 60 }
/** Kinds of interfaces that most kernels have; a topology that this one cannot make is passed over. */
const KINDS = new Set(['bridge', 'dummy', 'macvlan', 'vlan', 'vxlan'])
/** What is missing; see exit codes. */
const FEATURE_MISSING = /^up ends with 4:/

/** @param {object} task see jail/inside.mjs; with `only`, one kill, whose outcome is told */
export async function attack({ random, long, isOver, fail, progress, worker, only }) {
  const figures = {
    'topologies built': 0,
    'kills at a system call': 0,
    'kills at an instant': 0,
    'commands that had ended by then': 0,
  }
  if (only) {
    const series = await Series.open(only.topology, only.user)
    const { wrong, result } = await series.kill(only.kill)
    progress(`exit status ${result.status}\n${result.stdout}${result.stderr}`)
    if (wrong.length > 0) fail({ ...only, text: summaryOf(wrong) })
    return figures
  }
  for (let round = 0; !isOver(); round++) {
    const chance = random.fork(`jail ${worker} topology ${round}`)
    const user = chance.pick(Object.keys(USERS))
    const topology = randomTopology(chance, { name: 'attacked', kinds: KINDS })
    const series = await Series.open(topology, user)
    if (FEATURE_MISSING.test(series.refusal)) continue
    if (series.refusal !== null) {
      fail({ topology, user, text: `without any kill: ${series.refusal}` })
      continue
    }
    figures['topologies built']++
    for (let count = 0; count < (long ? KILLS.long : KILLS.short) && !isOver(); count++) {
      const kill = await series.plan(chance.fork(`${count}`))
      const { met, wrong } = await series.kill(kill)
      if (!met) figures['commands that had ended by then']++
      else figures[kill.at ? 'kills at a system call' : 'kills at an instant']++
      if (wrong.length > 0) fail({ topology, user, kill, text: summaryOf(wrong) })
      if (wrong.length > 0) await series.lab.wipe()
    }
    for (const text of await series.lab.ensureDown()) fail({ topology, user, text })
  }
  return figures
}

/** Kills in one topology, as one user. */
class Series {
  refusal = null
  /** Sites of each command, and how long it takes, once it was traced. */
  #traces = new Map()

  constructor(topology, user) {
    this.lab = new AttackedLab(topology, user)
  }

  static async open(topology, user) {
    const series = new Series(topology, user)
    writeFileSync('/run/chaos/topology.json', series.lab.text)
    series.refusal = await series.lab.prepare()
    return series
  }

  async plan(random) {
    const kill = randomKill(random)
    if (kill.delay !== undefined) return kill
    return { ...kill, at: randomMoment(random, (await this.#traceOf(kill.command)).sites) }
  }

  async kill(kill) {
    const { ms } = await this.#traceOf(kill.command)
    await this.#begin(COMMANDS[kill.command].begins)
    const { result, met, release } = await strike(this.lab, kill, ms)
    const wrong = await wrongAfter(this.lab, kill, result)
    release()
    return { result, met, wrong }
  }

  async #begin(state) {
    if (state === 'down') for (const text of await this.lab.ensureDown()) throw new Error(text)
    if (state !== 'down') await this.lab.ensureUp()
    if (state === 'dead') await this.#killKeeper()
  }

  async #killKeeper() {
    const { stdout } = await this.lab.nslab(['ls', '--json'])
    process.kill(JSON.parse(stdout).labs[0].keeper.pid, 'SIGKILL')
    while (processIds().length > 0) await setTimeout(5)
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
    if (command === 'pause') await this.lab.nslab(['resume', this.lab.name])
    if (command === 'up') await this.lab.nslab(['down', this.lab.name])
    return trace
  }
}
