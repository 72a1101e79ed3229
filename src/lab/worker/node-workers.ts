// The workers of a lab: one a node, started by the first call.
import { LabError } from '../../errors.js'
import type { Variables } from '../run/environment.js'
import { requireRunning } from '../run/pause.js'
import type { EnteredNode } from '../run/start.js'
import type { CallSite } from './call-site.js'
import { type AnyFunction, functionText } from './function-text.js'
import type { Call } from './messages.js'
import { FunctionFailure, NodeWorker } from './node-worker.js'
import { thrownError } from './thrown-error.js'

export class NodeWorkers {
  /** By the node's first process. */
  private readonly workers = new Map<string, Promise<NodeWorker>>()

  /**
   * Calls a function, or the default export of a module, in a node.
   *
   * @throws what the function throws; LabError as `functionText` and `NodeWorker`, NODE_PAUSED
   */
  async run(
    node: EnteredNode,
    what: AnyFunction | URL,
    { args, site, passed }: { args: readonly unknown[]; site: CallSite; passed: Variables },
  ): Promise<unknown> {
    const call = callOf(what, args, site)
    requireRunning(node) // the worker of a paused node would not answer
    const worker = await this.workerOf(node, passed)
    try {
      return await worker.call(call)
    } catch (error) {
      if (error instanceof FunctionFailure) throw thrownError(error.thrown, node.name, site.frames)
      if (error instanceof LabError) error.stack = `${error.name}: ${error.message}${site.frames}`
      throw error
    }
  }

  /** Ends the worker of a node, or all workers. */
  async end(node?: EnteredNode): Promise<void> {
    const keys = node ? [keyOf(node)] : [...this.workers.keys()]
    const workers = keys.flatMap((key) => this.workers.get(key) ?? [])
    for (const key of keys) this.workers.delete(key)
    await Promise.all(
      workers.map(async (starting) => {
        const worker = await starting.catch(() => null)
        await worker?.end()
      }),
    )
  }

  private async workerOf(node: EnteredNode, passed: Variables): Promise<NodeWorker> {
    const key = keyOf(node)
    const known = this.workers.get(key)
    if (known !== undefined && !(await known).hasEnded) return known
    if (this.workers.get(key) !== known) return this.workerOf(node, passed) // another call has started one meanwhile
    const starting = NodeWorker.start(node, passed)
    this.workers.set(key, starting)
    starting.catch(() => this.workers.delete(key))
    return starting
  }
}

const keyOf = ({ pid, startTime }: EnteredNode): string => `${pid}:${startTime}`

function callOf(what: AnyFunction | URL, args: readonly unknown[], { file, line }: CallSite): Call {
  if (typeof what === 'function')
    return { kind: 'function', text: functionText(what), file: file ?? `${process.cwd()}/nslab-run.js`, line, args }
  if (typeof what?.href !== 'string') throw new LabError('USAGE', 'node.run takes a function or the URL of a module')
  return { kind: 'module', url: what.href, args }
}
