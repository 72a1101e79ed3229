// The machine that is attacked: a lab of root's and one of an ordinary user's, a neighbour, and secrets that are for none of
// them.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { nslab, program } from '../command.mjs'

const SOURCES = fileURLToPath(new URL('.', import.meta.url))
/** The words that run nslab. */
export const NSLAB = [process.execPath, fileURLToPath(new URL('../../../bin/run.js', import.meta.url))]
/** What it promises. */
export const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')

export const USER = 65_511
export const NEIGHBOUR = 65_512
export const NEWCOMER = 65_513
export const STRANGER = 65_533

/** What nodes see of the machine's, and /tmp is not. */
export const ROOM = '/srv'
export const ATTEMPT = join(ROOM, 'attempt')
export const SECRET_FILE = join(ROOM, 'secret')
/** A directory that is root's alone, and one below it, in which root works: it would be everybody's without the first. */
export const CLOSED = join(ROOM, 'closed')
export const WORK = join(CLOSED, 'work')
export const SECRET = 'it-is-for-nobody'
export const KEY = 'nslab-chaos'

const LAB = 'nodes: { a: {}, b: {} }\nlinks: [{ endpoints: [a, b], emulation: wire, delay: 1ms }]\n'

/** @typedef {{ pid: number, others: number[], directory: string }} Known of a lab, what an attacker may have found out */

export class Setting {
  /** @type {import('node:child_process').ChildProcess[]} */
  #children = []

  /** @returns {Promise<Setting>} */
  static async make() {
    const setting = new Setting()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', ROOM])
    const sources = readdirSync(SOURCES).filter((name) => name.endsWith('.c'))
    execFileSync('cc', ['-std=gnu11', '-O1', '-o', ATTEMPT, ...sources], { cwd: SOURCES, stdio: 'inherit' })
    // No number of a lab's process is one of a process in a node.
    writeFileSync('/proc/sys/kernel/ns_last_pid', '20000')
    mkdirSync(CLOSED, { mode: 0o700 })
    mkdirSync(WORK, { mode: 0o755 })
    writeFileSync(SECRET_FILE, `${SECRET}\n`, { mode: 0o600 })
    writeFileSync(join(WORK, 'inside'), `${SECRET}\n`, { mode: 0o644 })
    writeFileSync(join(ROOM, 'lab.yaml'), LAB)
    setting.roots = known(
      await setting.root(['up', join(ROOM, 'lab.yaml'), '--name', 'roots', '--json']),
      '/run/nslab/roots',
    )
    setting.users = known(
      await setting.user(['up', join(ROOM, 'lab.yaml'), '--name', 'users', '--json']),
      `/tmp/nslab-${USER}/users`,
    )
    return setting
  }

  /** Runs `nslab` as root, who has a key, a variable, an open file and a directory that are nobody else's. */
  root(words, options = {}) {
    const command = [
      ATTEMPT,
      'with-key',
      KEY,
      'sh',
      '-c',
      `exec 9< ${SECRET_FILE}; exec "$@"`,
      'sh',
      ...NSLAB,
      ...words,
    ]
    return program(command, { cwd: WORK, ...options, env: { NSLAB_CHAOS: SECRET, ...options.env } })
  }

  /** Runs `nslab` as an ordinary user. */
  user(words, { uid = USER, ...options } = {}) {
    return nslab(words, { ...options, uid })
  }

  /** Starts a command that goes on beside the attack. @param {readonly string[]} words @param {number} uid */
  start(words, uid = 0) {
    const id = String(uid)
    const child = spawn('setpriv', ['--reuid', id, '--regid', id, '--clear-groups', ...words], {
      cwd: '/',
      stdio: 'ignore',
    })
    this.#children.push(child)
    return child
  }

  /** Starts `nslab` so, and waits until what it runs has begun. */
  async startNslab(words, uid) {
    const child = this.start([...NSLAB, ...words], uid)
    await setTimeout(1500)
    return child
  }

  /** Has a process of a user's that has this PID, and waits at descriptors that nobody writes to. */
  async takePid(pid, uid) {
    const fifos = Array.from({ length: 16 }, (_, at) => `${at + 3}<>/tmp/fifo`).join(' ')
    const wait = `setpriv --reuid ${uid} --regid ${uid} --clear-groups bash -c 'exec ${fifos}; exec sleep 60'`
    execFileSync('sh', ['-c', 'rm -f /tmp/fifo; mkfifo -m 666 /tmp/fifo'])
    for (let tries = 0; tries < 50; tries++) {
      this.start(['sh', '-c', `echo ${pid - 1} > /proc/sys/kernel/ns_last_pid; ${wait} & wait`])
      await setTimeout(100)
      if (existsSync(`/proc/${pid}`)) return
    }
    throw new Error(`no process can be given the PID ${pid}`)
  }

  async close() {
    for (const child of this.#children) child.kill('SIGKILL')
    await this.root(['down', '--all'])
    await this.user(['down', '--all'])
  }
}

/** @returns {Known} */
function known({ status, stdout, stderr }, directory) {
  if (status !== 0) throw new Error(`up ended with ${status}: ${stderr}`)
  const { keeper, nodes } = JSON.parse(stdout)
  return { pid: keeper.pid, others: [wireOf(keeper.pid), ...nodes.map(({ pid }) => pid)], directory }
}

/** The PID of a lab's wire. @param {number} keeper */
export function wireOf(keeper) {
  const children = readFileSync(`/proc/${keeper}/task/${keeper}/children`, 'utf8').trim().split(' ')
  const wire = children.find((pid) => / wire\0/.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1')))
  if (wire === undefined) throw new Error('the lab has no wire')
  return Number(wire)
}

/** The disk of the machine: its device, and its number. */
export function disk() {
  const name = readdirSync('/sys/block').find((each) => !/^(?:loop|ram|zram)/.test(each))
  if (!name) return { path: '/dev/sda', major: '8', minor: '0' }
  const [major, minor] = readFileSync(`/sys/block/${name}/dev`, 'utf8').trim().split(':')
  return { path: `/dev/${name}`, major, minor }
}

/** Whether everybody may write to something below a directory. @param {string} directory @returns {string[]} */
export function writableBelow(directory) {
  return readdirSync(directory, { recursive: true })
    .map((name) => join(directory, name))
    .filter((path) => (statSync(path).mode & 0o002) !== 0)
}
