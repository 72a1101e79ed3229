// A command that runs in a node, with its output kept: from its start to its end.
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { type KernelError, LabError } from '../../errors.js'
import { endShim, readReports, type ShimReport, withShim } from '../../kernel/shim.js'
import { CapturedStreams, type CommandInput } from './captured-streams.js'
import type { Variables } from './environment.js'
import type { ExecResult } from './exec-result.js'
import { requireRunning } from './pause.js'
import { type EnteredNode, startInNode } from './start.js'

/** After so long, a command that was asked to end is killed. */
const KILL_AFTER_MS = 5000

/** Signals by which commands are ended. */
export const END_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGKILL'] as const
export type EndSignal = (typeof END_SIGNALS)[number]

export interface CommandSettings {
  input: CommandInput
  /** How many bytes of each output are kept. */
  bytesMax: number
  /** The part of the caller's environment that the command gets. */
  passed: Variables
  cwd?: string
  env?: Variables
  signal?: AbortSignal
  detached: boolean
  onWarning?: (warning: string) => void
}

/** How the start of a command went. */
export interface Started {
  /** PID on the machine. */
  pid: number
  /** Whether the program cannot be run: then its status is 126 or 127. */
  isRefused: boolean
}

/**
 * Starts a command in a node.
 *
 * @throws LabError USAGE without a command, NODE_NOT_FOUND for a dead node, NODE_PAUSED; KernelError; the signal's reason when aborted
 */
export async function startCommand(
  node: EnteredNode,
  command: readonly string[],
  settings: CommandSettings,
): Promise<RunningCommand> {
  if (!command[0]) throw new LabError('USAGE', 'a command has at least one word')
  requireRunning(node)
  settings.signal?.throwIfAborted()
  const { input, bytesMax, passed, cwd, env, detached } = settings
  const streams = new CapturedStreams(input, bytesMax)
  try {
    const child = await startInNode(node, command, {
      ...{ stdio: [...streams.ofCommand, 'pipe'], passed, detached, tty: 'never', group: true },
      ...(cwd === undefined ? {} : { cwd }),
      ...(env === undefined ? {} : { env }),
    })
    return new RunningCommand(child, streams, settings)
  } catch (error) {
    streams[Symbol.dispose]()
    throw error
  }
}

export class RunningCommand {
  /** Resolves when the program runs or has been refused; rejects as `result` does when that comes first. */
  readonly started: Promise<Started>
  /**
   * Resolves when the command has ended and its output is closed. Rejects with a KernelError when the node cannot be entered, and
   * with the signal's reason when aborted; nobody needs to handle that.
   */
  readonly result: Promise<ExecResult>
  private hasEnded = false

  constructor(
    readonly child: ChildProcess,
    readonly streams: CapturedStreams,
    settings: CommandSettings,
  ) {
    streams.areInherited()
    let onStarted = (_: Started) => {}
    const started = new Promise<Started>((resolve) => {
      onStarted = resolve
    })
    this.result = this.run(settings, onStarted).finally(() => streams[Symbol.dispose]())
    this.started = Promise.race([started, this.result.then(() => ({ pid: 0, isRefused: true }))])
    this.result.catch(() => {})
    this.started.catch(() => {})
  }

  /**
   * Asks the process group of the command to end, and waits until it has. What then still runs of the group is killed, and after
   * five seconds all of it.
   *
   * @returns and throws as `result`
   */
  async kill(signal: EndSignal): Promise<ExecResult> {
    const { child } = this
    child.once('exit', () => this.streams.finish()) // a process outside of the group may have the output open
    this.end(signal)
    const timer = setTimeout(() => this.end('SIGKILL'), KILL_AFTER_MS)
    return this.result.finally(() => clearTimeout(timer))
  }

  private end(signal: EndSignal): void {
    // Once the command has ended, the shim takes its own signal for leave to go, and any other for the end of the whole group.
    if (signal !== 'SIGKILL') this.child.kill(signal)
    else if (this.hasEnded) this.child.kill('SIGTERM')
    else endShim(this.child)
    this.child.kill('SIGCONT') // a stopped process gets no signal
  }

  private run(settings: CommandSettings, onStarted: (started: Started) => void): Promise<ExecResult> {
    const { child, streams } = this
    return withShim(child, settings.signal, async (): Promise<ExecResult> => {
      // The shim stays after the command, so that a signal can end what the command leaves in the background with its output open.
      let [signal, isRefused, onEnded] = [0, false, () => {}]
      const ended = new Promise<void>((resolve) => {
        onEnded = resolve
      })
      const onReport = (report: ShimReport) => {
        if ('refused' in report) isRefused = true
        if ('started' in report) onStarted({ pid: Number(report.started), isRefused })
        if (!('ended' in report)) return
        this.hasEnded = true
        signal = Number(report.signal ?? 0)
        onEnded()
      }
      const exited = statusOf(child)
      const over = Promise.all([Promise.race([ended, exited]), streams.read()])
      const [failure, , exitCode] = await Promise.all([
        readReports(child, { onReport, onWarning: (warning) => passWarning(warning, settings) }),
        over.finally(() => endShim(child)),
        exited,
      ])
      if (failure !== null) throw failure
      const { stdout, stderr } = streams
      return {
        exitCode,
        ...(signal === 0 ? {} : { signal: signalName(signal) }),
        stdout: stdout.kept.text,
        stderr: stderr.kept.text,
        ...(stdout.kept.isTruncated || stderr.kept.isTruncated ? { truncated: true } : {}),
      }
    })
  }
}

const signalName = (number: number): NodeJS.Signals =>
  (Object.entries(constants.signals).find(([, each]) => each === number)?.[0] ?? `SIG${number}`) as NodeJS.Signals

/** Passes a warning of the shim on, in the words that the shim itself has for a directory (native-shim/exec.c). */
function passWarning(
  { step, errno, message }: KernelError,
  { cwd, onWarning }: Pick<CommandSettings, 'cwd' | 'onWarning'>,
): void {
  const directory = cwd ?? process.cwd()
  if (step !== 'change-directory') onWarning?.(message)
  else if (errno === constants.errno.EACCES) onWarning?.(`root of the node may not enter ${directory}, working in /`)
  else if (existsSync(directory)) onWarning?.(`${directory} is hidden by a mount of the node, working in /`)
  else onWarning?.(`there is no ${directory} in the node, working in /`)
}

/** The status of a shim once it has ended and its streams are closed; 128 + N when signal N killed it. */
export const statusOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status, signal) => resolve(status ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
