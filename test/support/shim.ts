// Runs the shim's verbs directly, without the library. NSLAB_SHIM selects the executable.
import { execFileSync, type StdioOptions, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, readlinkSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { hasInput, socketpair } from '../../src/kernel/libc.js'

export const SHIM = process.env.NSLAB_SHIM
  ? resolve(process.env.NSLAB_SHIM)
  : fileURLToPath(new URL('../../native-shim/build/nslab-shim', import.meta.url))
export const IS_ASAN = SHIM.endsWith('asan')

const ENV = { ...process.env, NSLAB_TITLE_ROOM: '-'.repeat(192), ASAN_OPTIONS: 'detect_leaks=0' }

export type Word = string | Buffer

export interface VerbResult {
  status: number | null
  signal: NodeJS.Signals | null
  reports: any[]
  stdout: string
  stderr: string
}

/** A spec: each word ended by a NUL byte. */
export const words = (list: readonly Word[]): Buffer =>
  Buffer.concat(list.flatMap((word) => [Buffer.from(word as string), Buffer.from([0])]))

export interface VerbOptions {
  spec?: Buffer
  fds?: readonly number[]
  cwd?: string
  /** Words of a command that runs the shim, such as `nice -n 5`. */
  before?: readonly string[]
}

/** Runs a verb. It sees the descriptors in `fds` as 4, 5, …, and reports on 3. */
export async function runVerb(
  verb: string,
  args: readonly string[],
  { spec = Buffer.alloc(0), fds = [], cwd = '/', before = [] }: VerbOptions = {},
): Promise<VerbResult> {
  const stdio: StdioOptions = ['pipe', 'pipe', 'pipe', 'pipe', ...fds]
  const [program = '', ...rest] = [...before, SHIM, verb, '--report', '3', ...args]
  const child = spawn(program, rest, { stdio, env: ENV, cwd })
  child.stdin?.on('error', () => {}) // EPIPE: it may fail before it has read its spec
  child.stdin?.end(spec)
  const text = async (stream: unknown) => {
    const chunks: Buffer[] = []
    for await (const chunk of stream as Readable) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  }
  const closed = once(child, 'close')
  const [report, stdout, stderr] = await Promise.all([text(child.stdio[3]), text(child.stdout), text(child.stderr)])
  const [status, signal] = await closed
  const reports = report
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
  return { status, signal, reports, stdout, stderr }
}

/** The words of one node, mapped to the range 100000–165535. */
export const node = (name: string, ...extra: Word[]): Word[] => [
  ...['node', name, 'title', `nslab: shimtest/${name}`, 'hostname', name],
  ...['uidmap', '0 100000 65536', 'gidmap', '0 100000 65536'],
  ...extra,
  'end',
]

export interface NodeProcess {
  name: string
  pid: number
  startTime: number
  netnsFd: number
  inode: number
}

/** The next message on a socket to a keeper; an empty one at its end. */
export function readAnswer(fd: number): string {
  if (!hasInput(fd, 5000)) throw new Error('the keeper does not answer')
  const answer = Buffer.alloc(1 << 17)
  return answer.toString('latin1', 0, readSync(fd, answer))
}

/** Sends a message on a socket to a keeper. @returns the answer */
export function askKeeper(fd: number, message: string): string {
  writeSync(fd, message)
  return readAnswer(fd)
}

function expectAnswer(fd: number, message: string, expected: string): void {
  const answer = askKeeper(fd, message)
  if (answer !== expected) throw new Error(`the keeper answers ${answer}`)
}

/** An uncommitted lab. It ends with `close`, or with this process. */
export class ShimLab {
  readonly nodes = new Map<string, NodeProcess>()
  private isCommitted = false

  private constructor(
    readonly directory: string,
    readonly lockFd: number,
    readonly creatorFd: number,
    readonly keeper: { pid: number; startTime: number },
  ) {}

  /** @param before words of a command that runs the shim */
  static async start(before: readonly string[] = []): Promise<ShimLab> {
    const directory = mkdtempSync(join(tmpdir(), 'nslab-shim-'))
    execFileSync('chmod', ['0711', directory])
    const lockFd = openSync(join(directory, 'lock'), 'w')
    const [creatorFd, keeperFd] = socketpair()
    const { status, reports, stderr } = await runVerb('lab', ['--name', 'shimtest', '--lock', '4', '--creator', '5'], {
      fds: [lockFd, keeperFd],
      before,
    })
    closeSync(keeperFd)
    if (status !== 0) {
      closeSync(creatorFd)
      closeSync(lockFd)
      rmSync(directory, { recursive: true, force: true })
      throw new Error(`lab: ${status} ${JSON.stringify(reports)} ${stderr}`)
    }
    return new ShimLab(directory, lockFd, creatorFd, reports[0].keeper)
  }

  /** Runs `spawn` on raw bytes. */
  async spawnRaw(spec: Buffer, options: readonly string[] = [], before: readonly string[] = []): Promise<VerbResult> {
    const args = [...this.keeperArguments, '--creator', '4', ...options]
    const result = await runVerb('spawn', args, { spec, fds: [this.creatorFd], before })
    this.remember(result)
    return result
  }

  private remember({ reports }: VerbResult): void {
    const held = new Map(reports.flatMap((report) => (report.held ? [[report.held.name, report.held]] : [])))
    for (const { node } of reports) if (node) this.nodes.set(node.name, { ...node, ...held.get(node.name) })
  }

  spawn(...nodes: Word[][]): Promise<VerbResult> {
    return this.spawnRaw(words(nodes.flat()))
  }

  /** Commits the lab, so that it outlives its creator. `close` then kills it. */
  commit(): void {
    expectAnswer(this.creatorFd, 'commit', 'committed')
    this.isCommitted = true
  }

  /** Opens a session with the keeper. The caller closes the descriptor. */
  async openSession(before: readonly string[] = []): Promise<{ fd: number; result: VerbResult }> {
    const [fd, keeperFd] = socketpair()
    const result = await runVerb('session', [...this.keeperArguments, '--creator', '4'], { fds: [keeperFd], before })
    closeSync(keeperFd)
    if (result.status === 0 && readAnswer(fd) !== 'session') throw new Error('the keeper began no session')
    return { fd, result }
  }

  /** Runs `spawn` through a session. */
  async spawnOn(session: number, ...nodes: Word[][]): Promise<VerbResult> {
    const args = [...this.keeperArguments, '--creator', '4']
    const result = await runVerb('spawn', args, { spec: words(nodes.flat()), fds: [session] })
    this.remember(result)
    return result
  }

  update(...spec: Word[]): Promise<VerbResult> {
    return runVerb('update', this.keeperArguments, { spec: words(spec) })
  }

  get keeperArguments(): string[] {
    return ['--keeper', String(this.keeper.pid), '--start-time', String(this.keeper.startTime)]
  }

  node(name: string): NodeProcess {
    const found = this.nodes.get(name)
    if (!found) throw new Error(`no node ${name}`)
    return found
  }

  execArguments(name: string, command: readonly string[], options: readonly string[] = []): string[] {
    const { pid, startTime } = this.node(name)
    return ['exec', '--pid', String(pid), '--start-time', String(startTime), ...options, '--', ...command]
  }

  /** Runs a command in a node. */
  exec(
    name: string,
    command: readonly string[],
    { cwd = '/', env = {}, options = [] as string[], before = [] as readonly string[] } = {},
  ) {
    const [program = '', ...rest] = [...before, SHIM, ...this.execArguments(name, command, options)]
    const result = spawnSync(program, rest, {
      encoding: 'utf8',
      cwd,
      env: { ...ENV, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return { status: result.status, stdout: result.stdout, stderr: result.stderr }
  }

  /** Runs `ip` in a node's network namespace. */
  ip(name: string, ...commands: string[]): void {
    const args = ['-t', String(this.node(name).pid), '-n', 'ip', '-batch', '-']
    execFileSync('nsenter', args, { input: `${commands.join('\n')}\n` })
  }

  ping(...spec: string[]): Promise<VerbResult> {
    return runVerb('ping', this.keeperArguments, { spec: words(spec) })
  }

  probeLink(...spec: string[]): Promise<VerbResult> {
    return runVerb('probe-link', this.keeperArguments, { spec: words(spec) })
  }

  /** The addresses that nodes have now. */
  addresses(...names: string[]): Promise<VerbResult> {
    const spec = names.flatMap((name) => [String(this.node(name).pid), String(this.node(name).startTime)])
    return runVerb('addresses', this.keeperArguments, { spec: words(spec) })
  }

  /** Ends the lab and waits until its processes are gone. */
  async close(): Promise<void> {
    closeSync(this.creatorFd)
    if (this.isCommitted && isAlive(this.keeper.pid)) process.kill(this.keeper.pid, 'SIGKILL')
    await waitUntilGone(this.keeper.pid)
    closeSync(this.lockFd)
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** Whether a process exists; zombies do not count. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

export async function waitUntilGone(pid: number, withinMs = 5000): Promise<void> {
  for (const end = Date.now() + withinMs; isAlive(pid); ) {
    if (Date.now() > end) throw new Error(`process ${pid} still lives`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

export const cmdline = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, 'latin1').replace(/\0$/, '')
export const namespace = (pid: number | 'self', kind: string): string => readlinkSync(`/proc/${pid}/ns/${kind}`)
