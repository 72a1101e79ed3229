// Runs a command in a node, in all of the node's namespaces.
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { LabError } from '../../errors.js'
import { becomeShim, withShim } from '../../kernel/shim.js'
import type { CapturedStreams } from './captured-streams.js'
import { CommandError } from './command-error.js'
import type { Variables } from './environment.js'
import type { ExecResult } from './exec-result.js'
import { PassedSignals } from './passed-signals.js'
import { requireRunning } from './pause.js'
import { startCommand, statusOf } from './running-command.js'
import { type EnteredNode, shimArguments, startInNode } from './start.js'
import { argumentBytes, argumentsBefore, variableBytes } from './words.js'

const TIMEOUT_MAX_MS = 2 ** 31 - 1
const STATUS_KILLED = 128 + constants.signals.SIGKILL

export interface ExecOptions {
  /** Working directory; `/` if the node does not have it. Default: the caller's. */
  cwd?: string
  /**
   * Variables in addition to those that every command gets: of the caller's environment `TERM`, `COLORTERM`, `LANG`, `LANGUAGE`,
   * `LC_*` and `TZ`, but in a lab of another user or of an untrusted topology only `TERM` and `LANG`; PATH, HOME, USER and LOGNAME
   * of the node; and the topology's `env` for the node.
   */
  env?: Variables
  /** The command's standard input: text, bytes or a stream, which is read until it or the command ends; empty by default. */
  input?: string | Uint8Array | Readable
  /** Called with what the command writes to its standard output, as it arrives; the result has all of it. What it throws rejects the call. */
  onStdout?: (text: string) => void
  /** As `onStdout`, of standard error. */
  onStderr?: (text: string) => void
  /** Kills the command and its process group when aborted; the call then rejects with the signal's reason. */
  signal?: AbortSignal
  /**
   * Kills the command and its process group after so many milliseconds, from 1 to 2³¹ − 1; the result then has `timedOut` and what
   * the command wrote until then. Default: no limit.
   */
  timeoutMs?: number
  /** Whether a status other than 0, and the end of the time limit, reject the call with a `CommandError`. Default: false. */
  reject?: boolean
  /** Called with one sentence for each warning, such as that the node does not have `cwd`. */
  onWarning?: (warning: string) => void
}

/** As `ExecOptions`, with what only callers within nslab have. */
export interface CaptureOptions extends ExecOptions {
  /** This process's own standard input instead of `input`; signals of this process are passed on to the command. */
  stdin?: 'inherit'
  /** The part of the caller's environment that the command gets. */
  passed: Variables
  /** How many of the last bytes of each output are kept; all by default. The result has `truncated` when there were more. */
  bytesMax?: number
}

/** `bytesMax` for commands whose output nslab itself reads: 16 MiB, more than the routes and rules of a large node take. */
export const READ_BYTES_MAX = 2 ** 24

export type { ExecResult }

/**
 * Runs a command in a node and returns its output. An exit status other than 0 is a result, not an error, without `reject`.
 *
 * @throws LabError USAGE without a command or for a `timeoutMs` out of range, CommandError with `reject`, NODE_NOT_FOUND for a dead
 * node, NODE_PAUSED; KernelError when the node cannot be entered; the signal's reason when aborted; the error of a stream that is
 * the input; what `onStdout` or `onStderr` throws, which also kills the command
 */
export async function execCaptured(
  node: EnteredNode,
  command: readonly string[],
  {
    stdin,
    input = '',
    timeoutMs,
    reject,
    onStdout,
    onStderr,
    bytesMax = Number.POSITIVE_INFINITY,
    ...options
  }: CaptureOptions,
): Promise<ExecResult> {
  requireTimeout(timeoutMs, 'timeoutMs')
  const isInherited = stdin === 'inherit'
  using signals = isInherited ? new PassedSignals() : null
  const running = await startCommand(node, command, {
    ...options,
    input: isInherited ? { kind: 'inherit' } : { kind: 'data', data: input },
    bytesMax,
    detached: isInherited, // Ctrl-C reaches only this process, which passes it on
  })
  const { child, streams } = running
  signals?.passTo(child, () => streams.finish())
  const thrown: unknown[] = []
  const onThrown = (error: unknown) => {
    if (thrown.push(error) === 1) void running.kill('SIGKILL').catch(() => {}) // `result` has the reason
  }
  if (onStdout) passText(streams.stdout, onStdout, onThrown)
  if (onStderr) passText(streams.stderr, onStderr, onThrown)
  let isLate = false
  const onTimeout = () => {
    isLate = true
    void running.kill('SIGKILL').catch(() => {})
  }
  const timer = timeoutMs === undefined ? undefined : setTimeout(onTimeout, timeoutMs)
  const ended = await running.result.finally(() => clearTimeout(timer))
  if (thrown.length > 0) throw thrown[0]
  const result: ExecResult = isLate ? { ...ended, exitCode: STATUS_KILLED, signal: 'SIGKILL', timedOut: true } : ended
  if (reject && (result.exitCode !== 0 || isLate)) throw new CommandError(node.name, command, result)
  return result
}

/** Passes on what comes through a pipe, as text: no character is split between two calls. @param onThrown gets what `onText` throws */
function passText(
  { kept, reader }: CapturedStreams['stdout'],
  onText: (text: string) => void,
  onThrown: (error: unknown) => void,
): void {
  const decoder = new StringDecoder()
  kept.listen((chunk) => passSome(decoder.write(chunk)))
  reader.once('close', () => passSome(decoder.end()))
  function passSome(text: string): void {
    if (text === '') return
    try {
      onText(text)
    } catch (error) {
      onThrown(error)
    }
  }
}

/** setTimeout of Node.js takes a longer time for 1 ms. @throws LabError USAGE for one out of range */
export function requireTimeout(timeoutMs: number | undefined, option: string): void {
  if (timeoutMs === undefined || (timeoutMs >= 1 && timeoutMs <= TIMEOUT_MAX_MS)) return
  throw new LabError('USAGE', `${option} is ${timeoutMs}, and must be from 1 to ${TIMEOUT_MAX_MS} milliseconds`)
}

/**
 * Runs a command in a node on the caller's own standard input, output and terminal; an empty command means a shell. SIGTERM,
 * SIGHUP, SIGUSR1 and SIGUSR2 are passed on to the command; SIGINT and SIGQUIT reach it from the terminal.
 *
 * @param passed the part of the caller's environment that the command gets
 * @returns the exit status that this process should end with
 * @throws LabError NODE_NOT_FOUND for a dead node, NODE_PAUSED
 */
export async function execAttached(node: EnteredNode, command: readonly string[], passed: Variables): Promise<number> {
  requireRunning(node)
  const child = await startInNode(node, command, {
    ...{ stdio: 'inherit', passed, tty: 'auto', group: false, detached: false },
  })
  const forwarded = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const
  const forward = (signal: NodeJS.Signals) => child.kill(signal)
  const ignore = () => {}
  for (const signal of forwarded) process.on(signal, forward)
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.on(signal, ignore)
  try {
    return await statusOf(child)
  } finally {
    for (const signal of forwarded) process.off(signal, forward)
    for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.off(signal, ignore)
  }
}

/**
 * Replaces this process by one that runs a command in a node on the same standard input, output and terminal, and ends as the
 * command does; an empty command means a shell. Signals that are sent to it reach the command.
 *
 * @param command the last arguments of this process
 * @param passed the part of the caller's environment that the command gets
 * @param env variables that override those of the node
 * @throws LabError NODE_NOT_FOUND for a dead node, NODE_PAUSED; KernelError when the shim cannot be run.
 */
export function execInPlace(
  { env: ofNode = {}, ...node }: EnteredNode,
  command: readonly string[],
  { passed, env }: { passed: Variables; env: Variables },
): never {
  requireRunning(node)
  const options = shimArguments(node, [], { tty: 'auto', group: false }).slice(0, -1)
  const settings = variableBytes({ ...ofNode, ...env }, argumentsBefore(command)).flatMap((setting) => [
    '--env',
    setting,
  ])
  becomeShim([...options, '--front', ...settings, '--', ...argumentBytes(command)], variableBytes(passed))
}

/** Descriptors for a command's standard input, and for its standard output and error. The caller closes them. */
export interface QuietStreams {
  input: number | 'ignore'
  output: number | 'ignore'
}

/**
 * Runs a command in `/` of a node, with an environment of the node's own, and without this process's terminal and streams.
 *
 * @returns the command's exit status, as in `ExecResult`
 * @throws the signal's reason when aborted
 */
export async function execQuietly(
  node: EnteredNode,
  command: readonly string[],
  { input, output }: QuietStreams,
  signal?: AbortSignal,
): Promise<number> {
  const child = await startInNode(node, command, {
    ...{ stdio: [input, output, output], passed: {}, cwd: '/', tty: 'never', group: false },
    detached: true, // Ctrl-C reaches only the caller, which aborts the signal
  })
  return withShim(child, signal, () => statusOf(child))
}
