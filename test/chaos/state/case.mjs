// One case: a lab that runs or is dead, one damage, one command; then it must be possible to take the lab down, and to build it
// again.
import { faultsOfEnd, firstLine } from '../command.mjs'
import { commandNamed, helpOf } from './commands.mjs'

/**
 * @typedef {object} Fault
 * @property {string} what
 * @property {string} how the commands that show it
 */

/**
 * @param {import('./site.mjs').Site} site
 * @param {{ runs: boolean, damage: import('./damages.mjs').Damage, command: import('./commands.mjs').Command }} options
 * @returns {Promise<Fault[]>}
 */
export async function tryCase(site, { runs, damage, command }) {
  /** @type {Fault[]} */
  const faults = []
  const history = ['nslab up t.yaml', ...(runs ? [] : ['kill -9 KEEPER']), damage.shell]
  const inGeneral = (text) =>
    text.replaceAll(site.place, 'LABS').replaceAll(site.lab, 'at').replaceAll(site.other, 'by')
  const add = (what) => faults.push({ what: inGeneral(what), how: inGeneral(history.join('; ')) })

  /** @param {import('./commands.mjs').Command} each */
  const run = async (each) => {
    const before = site.alive()
    const outcome = await site.nslab(each.words(site.lab, site.topology))
    const lives = { before, after: await site.settled(before) }
    const words = each.words('at', 't.yaml').join(' ')
    history.push(`nslab ${words} (${outcome.status ?? outcome.signal}: ${firstLine(outcome)})`)
    for (const fault of faultsOfEnd(outcome)) add(`${each.name} ${fault}`)
    const lie = each.lie(outcome, lives, site.lab)
    if (lie) add(`${each.name} ${lie}`)
    if (each.name !== 'down' && lives.after < before) add(`${each.name} ends the lab`)
    if (outcome.status !== 0 && !outcome.hung && outcome.stderr.trim() === '') add(`${each.name} fails without a word`)
    for (const fault of site.touched()) add(`${each.name} ${fault}`)
    return outcome
  }

  await site.build()
  if (!runs) await site.kill()
  await site.damage(damage.shell)
  const { status } = await run(command)
  // A new lab is there, where the dead one was.
  if (command.name === 'up' && status === 0) await run(commandNamed('down'))
  await takeDown(site, run, add)
  await buildAgain(site, run, add)
  await site.clear()
  return faults
}

/** Whatever the damage: the lab goes down, or the command that helps is named, and helps. */
async function takeDown(site, run, add) {
  if (site.alive() === 0) return
  const outcome = await run(commandNamed('down'))
  if (outcome.status === 0 || site.alive() === 0) return
  const help = helpOf(outcome)
  if (help === null) return void add('down fails, and names no command that helps')
  const pid = /^kill (?:-9 |-KILL )?([0-9]+)$/.exec(help)?.[1]
  if (pid !== undefined) return void (await killAsTold(site, Number(pid), add))
  const own = /^nslab ([a-z]+)/.exec(help)?.[1]
  const command = own && commandNamed(own)
  if (!command || own === 'down') return
  await run(command)
  if (site.alive() > 0) await run(commandNamed('down'))
  if (site.alive() > 0) add(`down fails, and names \`${help}\`, which does not help`)
}

/** Kills what nslab says, where that is the lab's own. */
async function killAsTold(site, pid, add) {
  if (!site.processes.some((each) => each.pid === pid))
    return void add('down names a process to kill that is not of the lab')
  process.kill(pid, 'SIGKILL')
  if (!(await site.ended())) add('down names a process to kill, and the lab runs without it')
}

/** Of what is dead, `gc` leaves nothing outside the lab's directory, and its name can be used again. */
async function buildAgain(site, run, add) {
  if (site.alive() > 0) return
  await run(commandNamed('gc'))
  const left = site.names()
  if (left.length > 0)
    add(`gc leaves ${left.map((path) => path.replace(/^.*\/nslab\.(.*)\.[0-9]+$/, 'the cgroup nslab.$1.PID'))}`)
  const up = commandNamed('up')
  const outcome = await run(up)
  if (outcome.status === 0)
    // What cannot be removed of the one before may be told again.
    await run({ ...commandNamed('down'), lie: ({ status }) => ![0, 6].includes(status) && 'fails for a new lab' })
  else if (helpOf(outcome) === null) add('up fails where a dead lab was, and names no command that helps')
}
