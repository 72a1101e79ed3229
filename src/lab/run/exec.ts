// Runs a command in a node, in all of the node's namespaces.
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { type KernelError, LabError } from '../../errors.js'
import { becomeShim, endShim, REPORT_FD, readReports, type ShimReport, startShim, withShim } from '../../kernel/shim.js'
import type { ProcessIdentity } from '../who/process-identity.js'
import { CapturedStreams } from './captured-streams.js'
import { CommandError } from './command-error.js'
import type { Variables } from './environment.js'
import type { ExecResult } from './exec-result.js'
import { PassedSignals } from './passed-signals.js'
import { requireRunning } from './pause.js'
import { argumentBytes, argumentsBefore, variableBytes } from './words.js'

const TIMEOUT_MAX_MS = 2 ** 31 - 1
const STATUS_KILLED = 128 + constants.signals.SIGKILL

/** The first process of a node in which a command runs. */
export interface NodeProcess extends ProcessIdentity {
  name: string
  /** Directory of the node's cgroup, which the command joins; null when the node has none. */
  cgroup: string | null
  /** Variables that every command in the node gets, in addition to PATH and the like; absent when there are none. */
  env?: Record<string, string>
}

export interface ExecOptions {
  /** Working directory; `/` if the node does not have it. Default: the caller's. */
  cwd?: string
  /**
   * Variables in addition to those that every command gets: of the caller's environment `TERM`, `COLORTERM`, `LANG`, `LANGUAGE`,
   * `LC_*` and `TZ`, but in a lab of another user or of an untrusted topology only `TERM` and `LANG`; PATH, HOME, USER and LOGNAME
   * of the node; and the topology's `env` for the node.
   */
  env?: Variables
  /** Text for the command's standard input; empty by default. */
  input?: string
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

/** As `ExecOptions`; `inherit` is this process's own standard input, and passes its signals on to the command. */
export interface CaptureOptions extends Omit<ExecOptions, 'input'> {
  input?: string | 'inherit'
  /** The part of the caller's environment that the command gets. */
  passed: Variables
}

export type { ExecResult }

/**
 * Runs a command in a node and returns its output. An exit status other than 0 is a result, not an error, without `reject`.
 *
 * @throws LabError USAGE without a command or for a `timeoutMs` out of range, CommandError with `reject`, NODE_NOT_FOUND for a dead node, NODE_PAUSED; KernelError when the node cannot be
 * entered; the signal's reason when aborted.
 */
export async function execCaptured(
  node: NodeProcess,
  command: readonly string[],
  { passed, ...options }: CaptureOptions,
): Promise<ExecResult> {
  if (!command[0]) throw new LabError('USAGE', 'exec needs a command')
  requireTimeout(options.timeoutMs)
  requireRunning(node)
  options.signal?.throwIfAborted()
  const isInherited = options.input === 'inherit'
  using streams = new CapturedStreams(options.input)
  using signals = isInherited ? new PassedSignals() : null
  const words = shimArguments(node, command, { ...options, tty: 'never', reportFd: REPORT_FD, group: true })
  const child = await startShim(words, {
    stdio: [...streams.ofCommand, 'pipe'],
    env: passed,
    detached: isInherited, // Ctrl-C reaches only this process, which passes it on
  })
  signals?.passTo(child, () => streams.finish())
  streams.areInherited()
  const result = await withShim(child, options.signal, async (): Promise<ExecResult> => {
    // The shim stays after the command, so that a signal can end what the command leaves in the background with its output open.
    let onEnded = (_: number) => {}
    const ended = new Promise<number>((resolve) => {
      onEnded = resolve
    })
    const onReport = (report: ShimReport) => ('ended' in report ? onEnded(Number(report.ended)) : undefined)
    const exited = statusOf(child)
    const over = Promise.all([Promise.race([ended, exited]), streams.read()])
    let isLate = false
    const timer = options.timeoutMs === undefined ? undefined : setTimeout(onTimeout, options.timeoutMs)
    function onTimeout(): void {
      isLate = true
      child.once('exit', () => streams.finish()) // a process outside of the group may have the output open
      endShim(child)
    }
    const [failure, [exitCode, output]] = await Promise.all([
      readReports(child, { onReport, onWarning: (warning) => passWarning(warning, options) }),
      over.finally(() => endShim(child)),
      exited,
    ]).finally(() => clearTimeout(timer))
    if (failure !== null) throw failure
    return isLate ? { exitCode: STATUS_KILLED, ...output, timedOut: true } : { exitCode, ...output }
  })
  if (options.reject && (result.exitCode !== 0 || result.timedOut)) throw new CommandError(node.name, command, result)
  return result
}

/** setTimeout of Node.js takes a longer time for 1 ms. */
function requireTimeout(timeoutMs: number | undefined): void {
  if (timeoutMs === undefined || (timeoutMs >= 1 && timeoutMs <= TIMEOUT_MAX_MS)) return
  throw new LabError('USAGE', `timeoutMs is ${timeoutMs}, and must be from 1 to ${TIMEOUT_MAX_MS} milliseconds`)
}

/** Passes a warning of the shim on, in the words that the shim itself has for a directory (native-shim/exec.c). */
function passWarning({ step, errno, message }: KernelError, { cwd, onWarning }: ExecOptions): void {
  const directory = cwd ?? process.cwd()
  if (step !== 'change-directory') onWarning?.(message)
  else if (errno === constants.errno.EACCES) onWarning?.(`root of the node may not enter ${directory}, working in /`)
  else if (existsSync(directory)) onWarning?.(`${directory} is hidden by a mount of the node, working in /`)
  else onWarning?.(`there is no ${directory} in the node, working in /`)
}

/**
 * Runs a command in a node on the caller's own standard input, output and terminal; an empty command means a shell. SIGTERM,
 * SIGHUP, SIGUSR1 and SIGUSR2 are passed on to the command; SIGINT and SIGQUIT reach it from the terminal.
 *
 * @param passed the part of the caller's environment that the command gets
 * @returns the exit status that this process should end with
 * @throws LabError NODE_NOT_FOUND for a dead node, NODE_PAUSED
 */
export async function execAttached(node: NodeProcess, command: readonly string[], passed: Variables): Promise<number> {
  requireRunning(node)
  const child = await startShim(shimArguments(node, command, { tty: 'auto' }), { stdio: 'inherit', env: passed })
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
  { env: ofNode = {}, ...node }: NodeProcess,
  command: readonly string[],
  { passed, env }: { passed: Variables; env: Variables },
): never {
  requireRunning(node)
  const options = shimArguments(node, [], { tty: 'auto' }).slice(0, -1)
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
  node: NodeProcess,
  command: readonly string[],
  { input, output }: QuietStreams,
  signal?: AbortSignal,
): Promise<number> {
  const child = await startShim(shimArguments(node, command, { cwd: '/', tty: 'never' }), {
    stdio: [input, output, output],
    env: {},
    detached: true, // Ctrl-C reaches only the caller, which aborts the signal
  })
  return withShim(child, signal, () => statusOf(child))
}

interface ShimOptions {
  cwd?: string
  env?: Variables
  tty: 'auto' | 'never'
  reportFd?: number
  /** Whether signals that end the command end its process group. */
  group?: boolean
}

function shimArguments(
  node: NodeProcess,
  command: readonly string[],
  { cwd, env, tty, reportFd, group = false }: ShimOptions,
): string[] {
  const settings = Object.entries({ ...node.env, ...env }).flatMap(([name, value]) => ['--env', `${name}=${value}`])
  return [
    'exec',
    ...['--pid', String(node.pid), '--start-time', String(node.startTime)],
    ...(reportFd === undefined ? [] : ['--report', String(reportFd)]),
    ...(group ? ['--group'] : []),
    ...(cwd === undefined ? [] : ['--cwd', cwd]),
    ...(node.cgroup === null ? [] : ['--cgroup', node.cgroup]),
    ...settings,
    ...['--tty', tty, '--', ...command],
  ]
}

const statusOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status, signal) => resolve(status ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
