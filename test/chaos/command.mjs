// Runs the command line as any user, bounded in time, and says what came of it.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const RUN = join(ROOT, 'bin/run.js')
const USAGE = join(ROOT, 'test/chaos/usage.cjs')

/** Far more than anything takes on a busy machine: what still runs then hangs. */
const PATIENCE_MS = 60_000

/**
 * @typedef {object} Outcome
 * @property {number | null} status
 * @property {NodeJS.Signals | null} signal
 * @property {string} stdout
 * @property {string} stderr
 * @property {boolean} hung whether it was killed because it did not end
 */

/**
 * Runs a program to its end, in a process group of its own.
 *
 * @param {readonly string[]} words
 * @param {{ uid?: number, env?: NodeJS.ProcessEnv, input?: string | Buffer, cwd?: string, patienceMs?: number }} [options]
 * @returns {Promise<Outcome>}
 */
export async function program(words, { uid = 0, env = {}, input = '', cwd = '/', patienceMs = PATIENCE_MS } = {}) {
  const id = String(uid)
  const [first, ...rest] = uid === 0 ? words : ['setpriv', '--reuid', id, '--regid', id, '--clear-groups', ...words]
  const child = spawn(first, rest, {
    detached: true,
    cwd,
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8', NO_COLOR: '1', ...env },
  })
  let hung = false
  const timer = setTimeout(() => {
    hung = true
    killGroup(child.pid)
  }, patienceMs)
  const texts = { stdout: [], stderr: [] }
  child.stdout.on('data', (chunk) => texts.stdout.push(chunk))
  child.stderr.on('data', (chunk) => texts.stderr.push(chunk))
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [status, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (...ended) => resolve(ended))
  })
  clearTimeout(timer)
  const text = (name) => Buffer.concat(texts[name]).toString()
  return { status, signal, stdout: text('stdout'), stderr: text('stderr'), hung }
}

function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has just ended, and what it started holds its output.
  }
}

/** Runs `nslab`. @param {readonly string[]} words @param {Parameters<typeof program>[1]} [options] */
export const nslab = (words, options) => program([process.execPath, RUN, ...words], options)

/**
 * Runs `nslab`, and says what it cost itself, without the programs it started.
 *
 * @param {readonly string[]} words
 * @param {{ env?: NodeJS.ProcessEnv, memoryMb?: number, cpuSeconds?: number, patienceMs?: number }} [options] `memoryMb`,
 * `cpuSeconds`: what it may have at most
 * @returns {Promise<Outcome & { cpuSeconds: number | null, rssMb: number | null }>}
 */
export async function measured(words, { env = {}, memoryMb = 4096, cpuSeconds = 60, ...options } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'nslab-chaos-'))
  const path = join(directory, 'usage')
  const limited = [
    'sh',
    '-c',
    `ulimit -d ${memoryMb * 1024}; ulimit -t ${cpuSeconds}; exec "$@"`,
    'sh',
    process.execPath,
    '--require',
    USAGE,
    RUN,
  ]
  const outcome = await program([...limited, ...words], { ...options, env: { ...env, CHAOS_USAGE: path } })
  let usage = { cpuSeconds: null, rssMb: null }
  try {
    usage = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    // It was killed.
  }
  rmSync(directory, { recursive: true })
  return { ...outcome, ...usage }
}

/** What is wrong with the way in which a command ended, whatever it was asked. @param {Outcome} outcome @returns {string[]} */
export function faultsOfEnd({ status, signal, stdout, stderr, hung }) {
  if (hung || signal === 'SIGXCPU') return ['does not end']
  if (signal) return [`is killed by ${signal}`]
  const isCrash = /\n {4}at |bug in nslab|FATAL ERROR|node:internal/.test(stderr + stdout)
  if (status === 1) return ['ends with 1, a bug']
  if (status !== null && status > 128 && status !== 130) return [`ends with ${status}: killed`]
  return isCrash ? ['prints a stack trace'] : []
}

/** The first line of what it says, for a report. @param {Outcome} outcome */
export const firstLine = ({ stdout, stderr }) => (stderr.trim() || stdout.trim()).split('\n')[0]?.slice(0, 160) ?? ''
