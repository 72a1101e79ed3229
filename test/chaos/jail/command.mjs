// Runs nslab in a jail, as one of the jail's users, under the injector or not, and never for longer than it may take.
import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { processIds } from './snapshot.mjs'
import { environmentOf, USERS } from './users.mjs'

const PROJECT = '/run/chaos/project'
const INJECT = '/run/chaos/tools/inject'
const HIT = '/run/chaos/hit'
const TRACE = '/run/chaos/trace'
/** Longer than anything nslab does in a jail, under the injector, on a machine that is busy. */
export const LIMIT_MS = 15_000

/** The words of the command that a user writes as `nslab WORDS…`. */
export const nslabWords = (words) => [process.execPath, join(PROJECT, 'bin/run.js'), ...words]

/**
 * @typedef {object} Choice a system call, and what happens at it; see inject.c
 * @property {string} [role]
 * @property {string} [call]
 * @property {string} [object]
 * @property {number | 'all'} nth
 * @property {string} [errno] by its name
 * @property {string} [answer] by its name
 * @property {string} [signal] by its name
 * @property {string} [to]
 */

/**
 * Starts a command; the caller waits for `ended`.
 *
 * @param {readonly string[]} words
 * @param {{ user?: keyof typeof USERS, input?: string, choice?: Choice, traced?: boolean, limitMs?: number }} options
 */
export function start(words, { user = 'root', input = '', choice, traced = false, limitMs = LIMIT_MS } = {}) {
  const { uid } = USERS[user]
  const injected = choice !== undefined || traced
  const options = {
    ...(choice ?? {}),
    ...(injected ? { user: uid, hit: HIT } : {}),
    ...(traced ? { trace: TRACE } : {}),
  }
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${numberOf(value)}`])
  const [program, ...rest] = injected ? [INJECT, ...flags, '--', ...words] : words
  rmSync(HIT, { force: true })
  const child = spawn(program, rest, {
    cwd: '/',
    env: environmentOf(user),
    detached: true,
    ...(injected || uid === 0 ? {} : { uid, gid: uid }),
  })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  return { child, ended: resultOf(child, limitMs) }
}

/** Of an error or a signal; anything else is what it is. */
const numberOf = (value) => constants.errno[value] ?? constants.signals[value] ?? value

/** As `start`, to the end of it. */
export const run = (words, options) => start(words, options).ended

/** @param {readonly string[]} words of the command line, without `nslab` */
export const nslab = (words, options) => run(nslabWords(words), options)

/**
 * Every call of a run under the injector.
 *
 * @returns {{ role: string, call: string, object: string }[]} in the order in which they were made
 */
export const readTrace = () =>
  readFileSync(TRACE, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [role, call, object] = line.split('\t')
      return { role, call, object }
    })

/**
 * What a command says of its failure, in one line: without warnings, and without the lines of a stack, whose paths are of one
 * checkout.
 *
 * @param {{ stdout: string, stderr: string }} result
 */
export const saidBy = ({ stdout, stderr }) =>
  (withoutNoise(stderr) || withoutNoise(stdout)).replaceAll(/\\n +at [^"]*/g, '').slice(0, 300)

const withoutNoise = (text) =>
  text
    .trim()
    .split('\n')
    .filter((line) => !/^(?:\s+at |nslab: warning: )/.test(line))
    .join(' | ')

/** Whether the injector has met its call in the run that has just ended. */
export function wasHit() {
  try {
    return readFileSync(HIT, 'utf8') !== ''
  } catch {
    return false
  }
}

async function resultOf(child, limitMs) {
  const began = performance.now()
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => (output[name] += text))
  const exited = new Promise((resolve) => child.once('exit', (status, signal) => resolve({ status, signal })))
  const timer = new AbortController()
  const late = setTimeout(limitMs, null, { signal: timer.signal }).catch(() => new Promise(() => {}))
  const ended = await Promise.race([exited, late])
  timer.abort()
  const stuck = ended === null ? whereStuck() : null
  if (ended === null) child.kill('SIGKILL')
  await exited
  // What it was to write is there; a process that has its output open may still run.
  await setTimeout(0)
  child.stdout.destroy()
  child.stderr.destroy()
  return { ...(ended ?? { status: null, signal: null }), ...output, stuck, ms: performance.now() - began }
}

/** What each process of nslab's waits for in the kernel, for a command that does not end. */
const whereStuck = () =>
  processIds()
    .map((pid) => ({ pid, command: textOf(pid, 'cmdline').replaceAll('\0', ' ') }))
    .filter(({ command }) => /run\.js|nslab-shim/.test(command) && !command.startsWith(INJECT))
    .map(
      ({ pid, command }) =>
        `${command.replace(/.*(?=run\.js|nslab-shim)/, '').slice(0, 40)} in ${textOf(pid, 'wchan')}`,
    )
    .join('; ')

function textOf(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}
