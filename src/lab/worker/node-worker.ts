// A process of Node.js in a node, which calls functions there for this process.
import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import type { Socket } from 'node:net'
import { isatty } from 'node:tty'
import { LabError } from '../../errors.js'
import { endShim, FIRST_FD, REPORT_FD, readReports, type ShimReport, withShim } from '../../kernel/shim.js'
import { outcomeOf } from '../run/command-error.js'
import type { Variables } from '../run/environment.js'
import { requireRunning } from '../run/pause.js'
import { type EnteredNode, startInNode } from '../run/start.js'
import type { Call, Reply, Thrown } from './messages.js'
import { workerOptions, workerVariables } from './node-options.js'
import { workerMain } from './worker-main.js'

/** A call whose end is awaited. */
interface Pending {
  resolve: (value: unknown) => void
  reject: (reason: unknown) => void
}

/** What a function in a node has thrown. */
export class FunctionFailure {
  constructor(readonly thrown: Thrown) {}
}

/**
 * The worker keeps this process from ending only while a call is awaited. It ends with `end`, with its node, and with this process. What
 * it prints comes out where this process prints.
 */
export class NodeWorker {
  /** Resolves when the worker has ended. */
  readonly ended: Promise<void>
  private readonly pending = new Map<number, Pending>()
  private calls = 0
  /** Whether `end` waits, so that this process has to go on until the worker has ended. */
  private isEndAwaited = false
  /** How the worker has ended. */
  private ending: { message: string; hint?: string; cause?: unknown } | null = null

  /** @throws LabError NODE_NOT_FOUND for a dead node, NODE_PAUSED; KernelError when it cannot be started */
  static async start(node: EnteredNode, passed: Variables): Promise<NodeWorker> {
    requireRunning(node)
    const command = [process.execPath, ...workerOptions(), '-e', `(${workerMain})(require)`]
    // The node may not have the file of Node.js: it has a /tmp of its own, and its root may not enter a private directory.
    const program = openSync(process.execPath, 'r')
    try {
      const child = await startInNode(node, command, {
        stdio: ['ignore', outputOn(1), outputOn(2), 'pipe', program, 'ipc'],
        ...{ program: FIRST_FD, keep: FIRST_FD + 1 },
        passed: { ...passed, ...workerVariables() },
        ...{ tty: 'never', group: true, detached: true, serialization: 'advanced' },
      })
      return new NodeWorker(node, child)
    } finally {
      closeSync(program)
    }
  }

  private constructor(
    private readonly node: EnteredNode,
    private readonly child: ChildProcess,
  ) {
    child.on('message', (message) => this.settle(message))
    child.on('error', () => {}) // a call that cannot be sent rejects
    child.stdout?.on('data', (chunk: Buffer) => process.stdout.write(chunk))
    child.stderr?.on('data', (chunk: Buffer) => process.stderr.write(chunk))
    this.ended = withShim(child, undefined, () => this.watch()).then(
      () => this.fail(undefined),
      (error) => this.fail(error),
    )
    this.release()
  }

  private get reports(): Socket | null {
    return this.child.stdio[REPORT_FD] as Socket | null
  }

  get hasEnded(): boolean {
    return this.ending !== null
  }

  /**
   * Calls a function in the node.
   *
   * @throws FunctionFailure with what it threw; LabError USAGE for arguments that cannot be sent, COMMAND_FAILED when the worker ends
   */
  call(call: Call): Promise<unknown> {
    const id = this.calls++
    return new Promise((resolve, reject) => {
      if (this.ending) return reject(this.failure(this.ending))
      this.pending.set(id, { resolve, reject })
      this.hold()
      try {
        this.child.send({ ...call, id })
      } catch (cause) {
        const message = `the arguments of the function cannot be sent to ${this.node.name}: ${(cause as Error).message}`
        this.take(id)?.reject(new LabError('USAGE', message, { cause }))
      }
    })
  }

  /** Kills the worker and its process group, and waits for its end. Calls that are awaited reject. */
  async end(): Promise<void> {
    this.isEndAwaited = true
    this.child.ref()
    this.reports?.ref() // they may end after the process
    endShim(this.child)
    await this.ended
    this.isEndAwaited = false
    this.release()
  }

  /** Waits for the end of the worker, and keeps how it came. @throws KernelError when the node cannot be entered */
  private async watch(): Promise<void> {
    const { name } = this.node
    const onReport = (report: ShimReport) => {
      if ('refused' in report)
        this.ending = {
          message: `${process.execPath} cannot be started`,
          hint: `others than its owner must be allowed to run it, as root of ${name} is one`,
        }
      if (!('ended' in report)) return
      const outcome = outcomeOf({ exitCode: Number(report.ended), stdout: '', stderr: '' })
      this.ending ??= { message: `the process that runs functions ${outcome}` }
      endShim(this.child)
    }
    const failure = await readReports(this.child, { onReport })
    if (failure !== null) throw failure
  }

  /** Rejects all calls. @param cause what has gone wrong, if that is known */
  private fail(cause: unknown): void {
    this.ending ??= { message: 'the process that runs functions has been ended', cause }
    for (const id of [...this.pending.keys()]) this.take(id)?.reject(this.failure(this.ending))
  }

  private failure({ message, hint, cause }: NonNullable<NodeWorker['ending']>): LabError {
    if (cause instanceof LabError) return cause
    return new LabError('COMMAND_FAILED', `${this.node.name}: ${message}`, {
      ...(hint === undefined ? {} : { hint }),
      ...(cause === undefined ? {} : { cause }),
    })
  }

  /** A module that a function uses may send messages of its own, which are no answers. */
  private settle(message: unknown): void {
    if (!isReply(message)) return
    const pending = this.take(message.id)
    const settle = () => {
      if ('error' in message) pending?.reject(new FunctionFailure(message.error))
      else pending?.resolve(message.value)
    }
    // What the function has printed before comes by a pipe of its own, if it does not go where it is printed by itself.
    if (this.child.stdout ?? this.child.stderr) setImmediate(settle)
    else settle()
  }

  private take(id: number): Pending | undefined {
    const pending = this.pending.get(id)
    this.pending.delete(id)
    if (this.pending.size === 0) this.release()
    return pending
  }

  /** Keeps this process from ending. */
  private hold(): void {
    this.child.ref()
    this.child.channel?.ref()
  }

  private release(): void {
    if (this.isEndAwaited) return
    this.child.unref()
    this.child.channel?.unref()
    for (const stream of this.child.stdio.slice(1, REPORT_FD + 1)) (stream as Socket | null)?.unref()
  }
}

const isReply = (message: unknown): message is Reply =>
  typeof message === 'object' &&
  message !== null &&
  'id' in message &&
  typeof message.id === 'number' &&
  ('value' in message || 'error' in message)

/** How the worker has an output of this process. The node gets no terminal of the machine, on which it could read what is typed. */
const outputOn = (fd: number): 'pipe' | 'inherit' => (isatty(fd) ? 'pipe' : 'inherit')
