// A lab made by the shim alone, the one with sanitizers: its verbs, run on bytes as they are.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import koffi from 'koffi'

export const SHIM = fileURLToPath(new URL('../../../native-shim/build/nslab-shim-asan', import.meta.url))
const ENV = { PATH: process.env.PATH, NSLAB_TITLE_ROOM: '-'.repeat(192), ASAN_OPTIONS: 'detect_leaks=0', LANG: 'C' }
const [AF_UNIX, SOCK_SEQPACKET] = [1, 5]
/** A verb that still runs then is told to end. */
const PATIENCE_MS = 12_000
/** It must have ended then. */
const END_MS = 30_000

const socketpair = koffi.load('libc.so.6').func('int socketpair(int, int, int, _Out_ int *)')

/** @returns {[number, number]} */
function makeSocketpair() {
  const fds = [0, 0]
  if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) !== 0) throw new Error('cannot make a pair of sockets')
  return fds
}

/**
 * Runs a verb; descriptors in `fds` are 4, 5, … to it. One that does not end is sent SIGPWR.
 *
 * @param {string} verb
 * @param {readonly string[]} args
 * @param {{ spec?: Buffer, fds?: readonly number[] }} [options]
 */
export async function runVerb(verb, args, { spec = Buffer.alloc(0), fds = [] } = {}) {
  const child = spawn(SHIM, [verb, '--report', '3', ...args], {
    stdio: ['pipe', 'ignore', 'pipe', 'pipe', ...fds],
    env: ENV,
    cwd: '/',
  })
  child.stdin.on('error', () => {})
  child.stdin.end(spec)
  const texts = [[], []]
  child.stderr.on('data', (chunk) => texts[0].push(chunk))
  child.stdio[3].on('data', (chunk) => texts[1].push(chunk))
  let [wasEnded, isStuck] = [false, false]
  const end = globalThis.setTimeout(() => {
    wasEnded = true
    child.kill('SIGPWR')
  }, PATIENCE_MS)
  const kill = globalThis.setTimeout(() => {
    isStuck = true
    child.kill('SIGKILL')
    for (const stream of child.stdio) stream?.destroy()
  }, END_MS)
  const [status, signal] = await once(child, 'close')
  clearTimeout(end)
  clearTimeout(kill)
  const [stderr, report] = texts.map((chunks) => Buffer.concat(chunks).toString())
  return { status, signal, stderr, report, wasEnded, isStuck }
}

const isAlive = (pid) => {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

export class ShimLab {
  /** @returns {Promise<ShimLab>} */
  static async start() {
    const lock = openSync('/run/lock', 'w')
    const [creator, keeper] = makeSocketpair()
    const { status, report, stderr } = await runVerb('lab', ['--name', 'fuzz', '--lock', '4', '--creator', '5'], {
      fds: [lock, keeper],
    })
    closeSync(keeper)
    closeSync(lock)
    if (status !== 0) throw new Error(`lab: ${status} ${report} ${stderr}`)
    const lab = new ShimLab()
    lab.creator = creator
    lab.keeper = JSON.parse(report).keeper
    return lab
  }

  get words() {
    return ['--keeper', String(this.keeper.pid), '--start-time', String(this.keeper.startTime)]
  }

  /** @param {Buffer} spec */
  spawn(spec) {
    return runVerb('spawn', [...this.words, '--creator', '4'], { spec, fds: [this.creator] })
  }

  /** @param {Buffer} spec */
  ping(spec) {
    return runVerb('ping', this.words, { spec })
  }

  isAlive() {
    return isAlive(this.keeper.pid)
  }

  async close() {
    closeSync(this.creator)
    for (let tries = 0; this.isAlive() && tries < 1000; tries++) await setTimeout(5)
    if (this.isAlive()) throw new Error('the keeper does not end with its creator')
  }
}
