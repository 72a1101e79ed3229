// Runs a command and kills what the plan says, when it says so.
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { nslabWords, start, wasHit } from '../jail/command.mjs'
import { COMMANDS } from './plan.mjs'

/** How long a command that nobody has ended may go on, when it would not end by itself. */
const GOES_ON_MS = 300
/** How the injector calls who may be killed. */
const ROLES = {
  self: 'self',
  cli: 'cli',
  keeper: 'lab+1',
  wire: 'lab+2',
  node: 'spawn+2',
  group: 'group',
  terminal: 'script',
}

/**
 * @param {import('../jail/lab.mjs').AttackedLab} lab
 * @param {import('./plan.mjs').Kill} kill
 * @param {number} typicalMs how long the command takes
 * @returns {Promise<{ result: object, met: boolean, release: () => void }>} `release` ends what was only stopped
 */
export async function strike(lab, kill, typicalMs) {
  return kill.at ? await strikeAtCall(lab, kill) : await strikeAtInstant(lab, kill, typicalMs)
}

function wordsOf({ victim }, words) {
  const program = nslabWords(words)
  if (victim !== 'terminal') return program
  return ['script', '-qec', program.map((word) => `'${word}'`).join(' '), '/dev/null']
}

async function strikeAtCall(lab, kill) {
  const { words, traced = words, begins } = COMMANDS[kill.command]
  // Of a lab that stands, nothing is traced but the command.
  const pattern = begins === 'up' ? patternOf(lab, kill.victim) : undefined
  const to =
    pattern && ['keeper', 'wire', 'node'].includes(kill.victim) ? processesLike(pattern).at(-1) : ROLES[kill.victim]
  const choice = { ...kill.at, signal: kill.signal, to }
  const { ended } = start(wordsOf(kill, traced), { user: lab.user, choice })
  const result = await ended
  return { result, met: wasHit(), release: () => {} }
}

async function strikeAtInstant(lab, kill, typicalMs) {
  const { words, traced } = COMMANDS[kill.command]
  const { child, ended } = start(wordsOf(kill, words), { user: lab.user })
  await setTimeout(kill.delay * typicalMs)
  const victim = await findVictim(lab, kill.victim, child)
  const met = victim !== 0 && signalTo(victim, kill.signal)
  // What does not end by itself ends now, if it was none of those that were killed.
  const release = () => signalTo(child.pid, 'SIGKILL')
  if (kill.signal === 'SIGSTOP') return { result: { stuck: null }, met, release }
  if (traced) void setTimeout(GOES_ON_MS).then(release)
  return { result: await ended, met, release }
}

/** A process, or a group as a negative number; 0 for none. */
async function findVictim(lab, victim, child) {
  if (victim === 'cli' || victim === 'terminal') return child.pid
  if (victim === 'group') return -child.pid
  const pattern = patternOf(lab, victim)
  for (let tries = 0; tries < 100 && child.exitCode === null && child.signalCode === null; tries++) {
    // What is to become the command line, in a user namespace, begins as the shim.
    const found = processesLike(pattern).filter((pid) => pid !== child.pid)
    if (found.length > 0) return found.at(-1)
    await setTimeout(1)
  }
  return 0
}

/** What the command line of a victim looks like. */
const patternOf = ({ name }, victim) =>
  ({
    shim: /nslab-shim\0/,
    keeper: new RegExp(`^nslab: ${name}\0*$`),
    wire: new RegExp(`^nslab: ${name} wire\0*$`),
    node: new RegExp(`^nslab: ${name}/`),
  })[victim]

const processesLike = (pattern) =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== '1' && pattern.test(commandLine(name)))
    .map(Number)

function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
  } catch {
    return ''
  }
}

function signalTo(pid, signal) {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}
