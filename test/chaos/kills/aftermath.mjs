// What is wrong after a kill, once the next command has been run.
import { saidBy } from '../jail/command.mjs'
import { CHANGED_FILE, CHANGES_NOTHING, COMMANDS } from './plan.mjs'

const INTERRUPTED = 130
/** That the lab is not there, or is just being started. */
const NOT_FOUND = 7

/**
 * @param {import('../jail/lab.mjs').AttackedLab} lab
 * @param {import('./plan.mjs').Kill} kill
 * @param {{ result: object, release: () => void }} outcome of strike.mjs
 * @returns {Promise<string[]>} what is wrong, worst first; the lab is down afterwards unless it stands as before
 */
export async function wrongAfter(lab, kill, { result, release }) {
  if (kill.signal === 'SIGSTOP') return await wrongWithStopped(lab, release)
  const ends = wrongEnd(kill, result)
  if (result.stuck !== null) return ends
  return [...(await (isUntouched(kill) ? wrongWithStanding(lab, kill) : wrongWithRest(lab, kill))), ...ends]
}

/** Those that are killed themselves. */
const isUntouched = ({ command, victim }) =>
  CHANGES_NOTHING.includes(command) && !['keeper', 'wire', 'node'].includes(victim)

function wrongEnd({ command, victim }, result) {
  const { status, stuck } = result
  if (stuck !== null) return [`does not end: ${stuck}`]
  // These are the victim's, or the command's in the node.
  if (['cli', 'group', 'terminal', 'self'].includes(victim) || command === 'exec') {
    return status === 1 && victim !== 'terminal' ? [`exit status 1: ${saidBy(result)}`] : []
  }
  if (status === 1 || status === null || (status > 127 && status !== INTERRUPTED))
    return [`exit status ${status}: ${saidBy(result)}`]
  return []
}

async function wrongWithStanding(lab, { command }) {
  if (command === 'pause') {
    const { status, stderr } = await lab.nslab(['resume', lab.name])
    if (status !== 0) return [`resume then ends with ${status}: ${stderr.trim()}`]
  }
  return await lab.changes()
}

/** A lab goes down although somebody has stopped a command in it. */
async function wrongWithStopped(lab, release) {
  lab.standing = null
  const { status, stuck, stderr } = await lab.nslab(['down', lab.name])
  release()
  if (status !== 0) return [`down then ends with ${status ?? stuck}: ${stderr.trim()}`]
  return await lab.leftOver()
}

/** The lab stands and is whole, and goes down; or nothing is left of it after one gc. */
async function wrongWithRest(lab, kill) {
  const { next } = kill
  lab.standing = null
  const after = await lab.nslab(next)
  const isExpected = after.status === 0 || (next[0] === 'down' && after.status === NOT_FOUND)
  if (!isExpected) return [`${next.join(' ')} then ends with ${after.status ?? after.stuck}: ${after.stderr.trim()}`]
  const status = await listed(lab)
  if (status === 'paused') await lab.nslab(['resume', lab.name])
  if (status === 'running' || status === 'paused') return await wrongWithRunning(lab, kill)
  if ((await lab.leftOver()).length === 0) return []
  const gc = await lab.nslab(['gc'])
  if (gc.status !== 0) return [`gc then ends with ${gc.status}: ${gc.stderr.trim()}`]
  return await lab.leftOver()
}

async function wrongWithRunning(lab, { command, victim }) {
  const faults = command === 'apply' ? await wrongWithChanged(lab) : victim === 'node' ? [] : await livingFaults(lab)
  const { status, stderr } = await lab.nslab(['down', lab.name])
  if (status !== 0) return [...faults, `down of a lab that runs ends with ${status}: ${stderr.trim()}`]
  return [...faults, ...(await lab.leftOver())]
}

const livingFaults = async (lab) => (await lab.faults()).filter((fault) => !/^node \S+ is dead$/.test(fault))

/** The next `apply` brings the lab to the file, whatever the one before had done. */
async function wrongWithChanged(lab) {
  const apply = await lab.nslab(COMMANDS.apply.words)
  // A node that was killed, and shares a namespace with one that lives: what restarts both is said.
  if (apply.status === 2 && /cannot be restarted .*`nslab node restart/s.test(saidBy(apply))) return []
  if (apply.status !== 0) return [`apply then ends with ${apply.status ?? apply.stuck}: ${saidBy(apply)}`]
  const diff = await lab.nslab(['diff', lab.name, CHANGED_FILE])
  return diff.status === 0 ? [] : [`diff then ends with ${diff.status ?? diff.stuck}: ${saidBy(diff)}`]
}

/** What `ls` says of the lab; undefined when it is not there. */
async function listed(lab) {
  const { status, stdout, stderr } = await lab.nslab(['ls', '--json'])
  if (status !== 0) throw new Error(`ls after a kill ends with ${status}: ${stderr}`)
  return JSON.parse(stdout).labs.find(({ name }) => name === lab.name)?.status
}
