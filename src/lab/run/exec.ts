// Runs a command in a node, in all of the node's namespaces.
import type { ChildProcess } from 'node:child_process'
import { constants } from 'node:os'
import { type KernelError, LabError } from '../../errors.js'
import { REPORT_FD, readReports, readText, startShim, withShim, writeInput } from '../../kernel/shim.js'
import type { RunningLab } from '../record/select.js'
import type { ProcessIdentity } from '../who/process-identity.js'
import { requireRunning } from './pause.js'

/** The first process of a node in which a command runs. */
export interface NodeProcess extends ProcessIdentity {
  name: string
  /** Directory of the node's cgroup, which the command joins; null when the node has none. */
  cgroup: string | null
  /** Variables that every command in the node gets, which override the caller's; absent when there are none. */
  env?: Record<string, string>
}

export interface ExecOptions {
  /** Working directory; `/` if the node does not have it. Default: the caller's. */
  cwd?: string
  /** Default: the caller's environment; in a lab of another user or of an untrusted topology, only `PATH`, `TERM` and `LANG` of it. */
  env?: NodeJS.ProcessEnv
  /** Text for the command's standard input; empty by default. */
  input?: string
  /** Kills the command when aborted; the call then rejects with the signal's reason. */
  signal?: AbortSignal
  /** Called with one sentence for each warning, such as that the node does not have `cwd`. */
  onWarning?: (warning: string) => void
}

export interface ExecResult {
  /** The command's exit status; 128 + N if signal N killed it, 126 if it cannot be started, 127 if it is not found. */
  exitCode: number
  stdout: string
  stderr: string
}

/**
 * Runs a command in a node and returns its output. An exit status other than 0 is a result, not an error.
 *
 * @throws LabError USAGE without a command, NODE_NOT_FOUND for a dead node, NODE_PAUSED; KernelError when the node cannot be
 * entered; the signal's reason when aborted.
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
  return withShim(child, options.signal, async () => {
    const [failure, stdout, stderr, exitCode] = await Promise.all([
      readReports(child, { onReport: () => {}, onWarning: (warning) => passWarning(warning, options) }),
      readText(child.stdout),
      readText(child.stderr),
      statusOf(child),
      writeInput(child, options.input ?? ''),
    ])
    if (failure !== null) throw failure
    return { exitCode, stdout, stderr }
  })
}

/**
 * Variables for commands in a node of another user, or of a stranger's topology. Other processes of the node can read them in
 * /proc/PID/environ, so none is secret.
 */
const VISIBLE_VARIABLES = ['PATH', 'TERM', 'LANG']

/** The part of the caller's environment that commands in a lab get by default. */
export function environmentFor({ owner, state }: Pick<RunningLab, 'owner' | 'state'>): NodeJS.ProcessEnv {
  if (owner === process.geteuid?.() && !state.untrusted) return process.env
  return Object.fromEntries(VISIBLE_VARIABLES.map((name) => [name, process.env[name]]))
}

/** Passes a warning of the shim on. A missing working directory is only worth a warning if the caller named it. */
function passWarning(warning: KernelError, { cwd, onWarning }: ExecOptions): void {
  if (warning.step !== 'change-directory') onWarning?.(warning.message)
  else if (cwd !== undefined) onWarning?.(`${cwd} is not there in the node, working in /`)
}

/**
 * Runs a command in a node on the caller's own standard input, output and terminal; an empty command means a shell. SIGTERM,
 * SIGHUP, SIGUSR1 and SIGUSR2 are passed on to the command; SIGINT and SIGQUIT reach it from the terminal.
 *
 * @returns the exit status that this process should end with
 * @throws LabError NODE_NOT_FOUND for a dead node, NODE_PAUSED
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

/** Descriptors for a command's standard input, and for its standard output and error. The caller closes them. */
export interface QuietStreams {
  input: number | 'ignore'
  output: number | 'ignore'
}

/**
 * Runs a command in `/` of a node, without this process's terminal and streams.
 *
 * @returns the command's exit status, as in `ExecResult`
 * @throws the signal's reason when aborted
 */
export async function execQuietly(
  node: NodeProcess,
  command: readonly string[],
  { input, output }: QuietStreams,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<number> {
  const child = await startShim(shimArguments(node, command, '/', 'never'), {
    stdio: [input, output, output],
    env,
    detached: true, // Ctrl-C reaches only the caller, which aborts the signal
  })
  return withShim(child, signal, () => statusOf(child))
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
