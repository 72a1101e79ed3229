// A process that goes on in a node while its caller does something else, such as a server.
import type { Readable, Writable } from 'node:stream'
import { LabError } from '../../errors.js'
import { CommandError, outcomeOf } from './command-error.js'
import type { Variables } from './environment.js'
import { requireTimeout } from './exec.js'
import type { ExecResult } from './exec-result.js'
import { LiveOutput } from './live-output.js'
import { lackOf, type Readiness, requireNotReady, whenReady } from './readiness.js'
import { END_SIGNALS, type EndSignal, type RunningCommand, startCommand } from './running-command.js'
import type { EnteredNode } from './start.js'

/** How much of each output `result` has: the last 1 MiB. */
const KEPT_BYTES = 2 ** 20
const READY_TIMEOUT_MS = 10_000

export interface SpawnOptions {
  /** Working directory; `/` if the node does not have it. Default: the caller's. */
  cwd?: string
  /** Variables in addition to those that every command gets, as for `exec`. */
  env?: Variables
  /** Kills the process group when aborted; `spawn`, or later `result`, then rejects with the signal's reason. */
  signal?: AbortSignal
  /** What `spawn` waits for; by default that the program runs. */
  ready?: Readiness
  /** After so many milliseconds, from 1 to 2³¹ − 1, a process that is not ready is killed. Default: 10,000. */
  readyTimeoutMs?: number
  /** Called with one sentence for each warning, such as that the node does not have `cwd`. */
  onWarning?: (warning: string) => void
}

/**
 * A process in a node. It ends with `kill`, with the scope of an `await using`, with the lab, and with the process that started it,
 * even when that is killed.
 */
export class NodeProcess implements AsyncDisposable {
  /** Standard input; a pipe. */
  readonly stdin: Writable
  /** Standard output: what has been kept of it when it is first read, and all that follows. Nobody needs to read it. */
  readonly stdout: Readable
  /** As `stdout`, of standard error. */
  readonly stderr: Readable
  /**
   * Resolves when the process has ended, with its exit status and the last 1 MiB of each output, whatever the status is. Rejects with
   * the reason of an aborted signal; nobody needs to handle that.
   */
  readonly result: Promise<ExecResult>

  constructor(
    private readonly running: RunningCommand,
    /** PID on the machine. */
    readonly pid: number,
  ) {
    const { stdout, stderr, input } = running.streams
    this.stdin = input as Writable
    this.stdin.on('error', () => {}) // the process may have ended
    this.stdout = new LiveOutput(stdout.kept, stdout.reader)
    this.stderr = new LiveOutput(stderr.kept, stderr.reader)
    this.result = running.result
  }

  /**
   * Ends the process and its process group, and waits until it has ended. After 5 seconds, the group is killed.
   *
   * @param signal that the group gets: SIGTERM, SIGINT, SIGHUP, SIGQUIT or SIGKILL
   * @returns the result, also when the process has ended before
   * @throws LabError USAGE for any other signal, which `process.kill(pid, signal)` sends; as `result`
   */
  async kill(signal: EndSignal = 'SIGTERM'): Promise<ExecResult> {
    if (END_SIGNALS.includes(signal)) return this.running.kill(signal)
    throw new LabError('USAGE', `kill does not send ${signal}: it ends the process by ${END_SIGNALS.join(', ')}`, {
      hint: 'process.kill(pid, signal) sends any signal',
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill().catch(() => {}) // `result` has the reason
  }
}

/**
 * Starts a process in a node, and waits until it is ready.
 *
 * @param passed the part of the caller's environment that it gets
 * @throws CommandError when it cannot be run, ends before it is ready, or is not ready in time: it has been killed then; LabError USAGE,
 * ALREADY_EXISTS when the node listens on the port already, NODE_NOT_FOUND for a dead node, NODE_PAUSED; KernelError; the signal's reason
 */
export async function spawnInNode(
  node: EnteredNode,
  command: readonly string[],
  { passed, ready, readyTimeoutMs = READY_TIMEOUT_MS, ...options }: SpawnOptions & { passed: Variables },
): Promise<NodeProcess> {
  requireTimeout(readyTimeoutMs, 'readyTimeoutMs')
  if (ready) requireNotReady(node, ready)
  const running = await startCommand(node, command, {
    ...options,
    ...{ passed, input: { kind: 'open' }, bytesMax: KEPT_BYTES },
    detached: true, // Ctrl-C reaches only the caller
  })
  const waiting = new AbortController()
  try {
    const { pid, isRefused } = await running.started
    if (isRefused) throw new CommandError(node.name, command, await running.result)
    if (ready) await waitUntilReady(running, node, command, { ready, readyTimeoutMs, signal: waiting.signal })
    return new NodeProcess(running, pid)
  } catch (error) {
    await running.kill('SIGKILL').catch(() => {})
    throw error
  } finally {
    waiting.abort()
  }
}

/** @throws CommandError when the process ends before it is ready, or is not ready in time */
async function waitUntilReady(
  running: RunningCommand,
  node: EnteredNode,
  command: readonly string[],
  { ready, readyTimeoutMs, signal }: { ready: Readiness; readyTimeoutMs: number; signal: AbortSignal },
): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), readyTimeoutMs)
  })
  const outcome = await Promise.race([
    running.result,
    whenReady(running, node, ready, signal).then(() => 'ready' as const),
    late,
  ]).finally(() => clearTimeout(timer))
  if (outcome === 'ready') return
  if (outcome !== 'late')
    throw new CommandError(node.name, command, outcome, `${outcomeOf(outcome)} before it ${lackOf(ready)}`)
  const result: ExecResult = { ...(await running.kill('SIGKILL')), timedOut: true }
  throw new CommandError(node.name, command, result, `has not ${lackOf(ready)} within ${readyTimeoutMs} ms`)
}
