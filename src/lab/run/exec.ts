// Running a command in a node, in all of its namespaces.
import type { ChildProcess } from 'node:child_process'
import { constants } from 'node:os'
import { type KernelError, LabError } from '../../errors.js'
import { REPORT_FD, readReports, readText, startShim, untilEnded } from '../../kernel/shim.js'
import type { ProcessIdentity } from '../who/process-identity.js'
import { requireRunning } from './pause.js'

/** Where a command is run. */
export interface NodeProcess extends ProcessIdentity {
  name: string
  /** Directory of the node's cgroup; null for none. */
  cgroup: string | null
  /** Environment of every command in it, over the caller's; absent for none. */
  env?: Record<string, string>
}

export interface ExecOptions {
  /** Working directory; taken when the node has it, else `/`. Default: the caller's. */
  cwd?: string
  /** Default: the caller's; of that, `PATH`, `TERM` and `LANG` alone in the lab of another user. */
  env?: NodeJS.ProcessEnv
  /** Text for the command's standard input; none by default. */
  input?: string
  /** Kills the command when aborted; the call then rejects with the signal's reason. */
  signal?: AbortSignal
  /** Told of what the user should know, one sentence a call: that the node does not have `cwd`, for one. */
  onWarning?: (warning: string) => void
}

export interface ExecResult {
  /** The command's status; 128 + signal number when a signal killed it, 126 when it cannot be started, 127 not found. */
  exitCode: number
  stdout: string
  stderr: string
}

/**
 * Runs a command in a node and gathers what it prints. A status other than 0 is a result, not an error.
 *
 * @throws KernelError when the node cannot be entered; the signal's reason when aborted.
 */
export async function execCaptured(
  node: NodeProcess,
  command: readonly string[],
  options: ExecOptions = {},
): Promise<ExecResult> {
  if (command.length === 0) throw new LabError('USAGE', 'exec needs a command')
  requireRunning(node)
  options.signal?.throwIfAborted()
  const child = await startShim(shimArguments(node, command, options.cwd, 'never', REPORT_FD), {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: options.env ?? process.env,
  })
  return untilEnded(child, options.signal, async () => {
    child.stdin?.on('error', () => {}) // a command that does not read its input is none of our business
    child.stdin?.end(options.input ?? '')
    const [failure, stdout, stderr, exitCode] = await Promise.all([
      readReports(child, { onReport: () => {}, onWarning: (warning) => tell(warning, options) }),
      readText(child.stdout),
      readText(child.stderr),
      statusOf(child),
    ])
    if (failure !== null) throw failure
    return { exitCode, stdout, stderr }
  })
}

/** What another user may read: of a process in that user's node, /proc/PID/environ. */
const HARMLESS = ['PATH', 'TERM', 'LANG']

/** The caller's environment, as far as it is for a lab of this owner. */
export function environmentFor({ owner }: { owner: number }): NodeJS.ProcessEnv {
  if (owner === process.geteuid?.()) return process.env
  return Object.fromEntries(HARMLESS.map((name) => [name, process.env[name]]))
}

/** That the node does not have the working directory is told only when the caller has asked for one. */
function tell(warning: KernelError, { cwd, onWarning }: ExecOptions): void {
  if (warning.step !== 'change-directory') onWarning?.(warning.message)
  else if (cwd !== undefined) onWarning?.(`${cwd} is not there in the node, working in /`)
}

/**
 * Runs a command in a node on the caller's own standard input, output and terminal; an empty command is a shell.
 * Signals that reach this process meanwhile go to the command; terminal ones reach it by themselves.
 *
 * @returns the status this process should exit with
 */
export async function execAttached(
  node: NodeProcess,
  command: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  requireRunning(node)
  const child = await startShim(shimArguments(node, command, undefined, 'auto'), { stdio: 'inherit', env })
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

/** Descriptors of a command's standard input, and of its standard output and error. The caller closes them. */
export interface QuietStreams {
  input: number | 'ignore'
  output: number | 'ignore'
}

/**
 * Runs a command that has nothing of this process's terminal, in `/`.
 *
 * @returns its status, as in `ExecResult`
 * @throws the signal's reason when aborted
 */
export async function execQuietly(
  node: NodeProcess,
  command: readonly string[],
  { input, output }: QuietStreams,
  signal?: AbortSignal,
): Promise<number> {
  const child = await startShim(shimArguments(node, command, '/', 'never'), {
    stdio: [input, output, output],
    detached: true, // Ctrl-C is for the caller, who ends it
  })
  return untilEnded(child, signal, () => statusOf(child))
}

function shimArguments(
  { pid, startTime, cgroup, env = {} }: NodeProcess,
  command: readonly string[],
  cwd: string | undefined,
  tty: 'auto' | 'never',
  reportFd?: number,
): string[] {
  const where = [...(cwd === undefined ? [] : ['--cwd', cwd]), ...(cgroup === null ? [] : ['--cgroup', cgroup])]
  const settings = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`])
  const report = reportFd === undefined ? [] : ['--report', String(reportFd)]
  const process = ['--pid', String(pid), '--start-time', String(startTime)]
  return ['exec', ...process, ...report, ...where, ...settings, '--tty', tty, '--', ...command]
}

const statusOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status, signal) => resolve(status ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
