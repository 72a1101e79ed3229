// A process of Node.js in a node, which calls functions there for this process.
import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import { LabError } from '../../errors.js'
import { endShim, REPORT_FD, readReports, type ShimReport, withShim } from '../../kernel/shim.js'
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
  private end_: LabError | null = null

  /** @throws LabError NODE_NOT_FOUND for a dead node, NODE_PAUSED; KernelError when it cannot be started */
  static async start(node: EnteredNode, passed: Variables): Promise<NodeWorker> {
    requireRunning(node)
    const command = [process.execPath, ...workerOptions(), '-e', `(${workerMain})(require)`]
    const child = await startInNode(node, command, {
      // A shim closes all descriptors but these. Standard input is the channel.
      stdio: ['ipc', 'inherit', 'inherit', 'pipe'],
      passed: { ...passed, ...workerVariables() },
      ...{ tty: 'never', group: true, detached: true, serialization: 'advanced' },
    })
    return new NodeWorker(node, child)
  }

  private constructor(
    private readonly node: EnteredNode,
    private readonly child: ChildProcess,
  ) {
    child.on('message', (reply: Reply) => this.settle(reply))
    child.on('error', () => {}) // a call that cannot be sent rejects
    this.ended = withShim(child, undefined, () => this.watch()).then(
      () => this.fail(null),
      (error) => this.fail(error),
    )
    this.release()
  }

  get hasEnded(): boolean {
    return this.end_ !== null
  }

  /**
   * Calls a function in the node.
   *
   * @throws FunctionFailure with what it threw; LabError USAGE for arguments that cannot be sent, COMMAND_FAILED when the worker ends
   */
  call(call: Call): Promise<unknown> {
    const id = this.calls++
    return new Promise((resolve, reject) => {
      if (this.end_) return reject(this.end_)
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
    this.child.ref()
    endShim(this.child)
    await this.ended
  }

  /** Waits for the end of the worker, and keeps how it came. @throws KernelError when the node cannot be entered */
  private async watch(): Promise<void> {
    const { name } = this.node
    const onReport = (report: ShimReport) => {
      if ('refused' in report)
        this.end_ = new LabError('COMMAND_FAILED', `${name}: ${process.execPath} cannot be started`, {
          hint: `root of ${name} must be able to run it, and see it: a node has a /tmp of its own`,
        })
      if (!('ended' in report)) return
      const outcome = outcomeOf({ exitCode: Number(report.ended), stdout: '', stderr: '' })
      this.end_ ??= new LabError('COMMAND_FAILED', `${name}: the process that runs functions ${outcome}`)
      endShim(this.child)
    }
    const failure = await readReports(this.child, { onReport })
    if (failure !== null) throw failure
  }

  private fail(error: unknown): void {
    const { name } = this.node
    this.end_ ??=
      error instanceof LabError
        ? error
        : new LabError('COMMAND_FAILED', `${name}: the process that runs functions has been ended`, { cause: error })
    for (const id of [...this.pending.keys()]) this.take(id)?.reject(this.end_)
  }

  private settle(reply: Reply): void {
    const pending = this.take(reply.id)
    if ('error' in reply) pending?.reject(new FunctionFailure(reply.error))
    else pending?.resolve(reply.value)
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
    this.child.unref()
    this.child.channel?.unref()
    ;(this.child.stdio[REPORT_FD] as Socket | null)?.unref()
  }
}
