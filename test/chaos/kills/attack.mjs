// In a jail: kills what takes part in a command, and sees what comes of it.
import { JailSpoiled } from '../jail/lab.mjs'
import { summaryOf } from '../jail/snapshot.mjs'
import { USERS } from '../jail/users.mjs'
import { randomTopology } from '../topologies.mjs'
import { Series } from './series.mjs'

/** Kills of one topology before the next. */
const KILLS = { short: 10, long: 60 }
/** Kinds of interfaces that most kernels have; a topology that this one cannot make is passed over. */
const KINDS = new Set(['bridge', 'dummy', 'macvlan', 'vlan', 'vxlan'])
const SMALLEST = { name: 'attacked', nodes: { h1: {}, h2: {} }, links: [['h1', 'h2']] }
/** As exit codes have it. */
const FEATURE_MISSING = /^up ends with 4:/

/** @param {object} task see jail/inside.mjs; with `only`, one kill, whose outcome is told */
export async function attack(task) {
  if (task.only) return await replay(task)
  if (task.long) await attackEverywhere(task)
  for (let round = 0; !task.isOver(); round++) await attackTopology(task, task.random.fork(`topology ${round}`))
}

async function replay({ only, fail, progress }) {
  const { topology, user, kill } = only
  const series = await Series.open(topology, user)
  const { wrong, result } = await series.kill(kill)
  progress(`exit status ${result.status}\n${result.stdout}${result.stderr}`)
  if (wrong.length > 0) fail({ ...only, text: summaryOf(wrong) })
}

/** At each system call, once as root and once as an ordinary user; each jail does its share. */
async function attackEverywhere(task) {
  for (const user of ['root', 'chaos-ranged']) {
    const series = await Series.open(SMALLEST, user)
    let count = 0
    for await (const kill of series.everyPlan(task.random.fork(user))) {
      if (task.isOver()) return
      if (count++ % task.workers === task.worker) await attackOnce(task, series, kill)
    }
    for (const text of await series.lab.ensureDown()) task.fail({ topology: SMALLEST, user, text })
  }
}

async function attackTopology(task, random) {
  const user = random.pick(Object.keys(USERS))
  const topology = randomTopology(random, { name: 'attacked', kinds: KINDS })
  const series = await Series.open(topology, user)
  if (FEATURE_MISSING.test(series.refusal)) return
  if (series.refusal !== null) return task.fail({ topology, user, text: `without any kill: ${series.refusal}` })
  task.count('topologies built')
  for (let count = 0; count < (task.long ? KILLS.long : KILLS.short) && !task.isOver(); count++)
    await attackOnce(task, series, await series.plan(random.fork(`${count}`)))
  for (const text of await series.lab.ensureDown()) task.fail({ topology, user, text })
}

async function attackOnce({ count, fail }, series, kill) {
  const { met, wrong } = await outcomeOf(series, kill)
  if (!met) count('commands that had ended by then')
  else count(kill.at ? 'kills at a system call' : 'kills at an instant')
  if (wrong.length === 0) return
  await series.lab.wipe()
  fail({ topology: await smallest(series.lab, kill), user: series.lab.user, kill, text: summaryOf(wrong) })
  series.writeTopology()
}

/** What keeps the attack from going on is a failure like others. */
async function outcomeOf(series, kill) {
  try {
    return await series.kill(kill)
  } catch (error) {
    if (error instanceof JailSpoiled) throw error
    return { met: true, wrong: [error.message] }
  }
}

/** The smallest topology there is, when the same kill shows something wrong with that as well. */
async function smallest({ topology, user }, kill) {
  if (topology === SMALLEST) return topology
  const series = await Series.open(SMALLEST, user)
  const { wrong } = await outcomeOf(series, kill)
  await series.lab.wipe()
  return wrong.length > 0 ? SMALLEST : topology
}
