// Watches a running lab: tells what happens in its networks, which nodes end, pause, come and go, and what its links do to frames.
// Nothing is asked again and again: the kernel tells of all of it.
import { LabError } from '../../errors.js'
import { Readiness } from '../../kernel/readiness/readiness.js'
import type { LabEvent, LabLifeEvent, NodeEvent } from '../../model/lab-event.js'
import { readState } from '../record/read-state.js'
import type { RunningLab } from '../record/select.js'
import type { LabState, NodeState } from '../record/state.js'
import { isExiting } from '../who/process-identity.js'
import { EventQueue } from './event-queue.js'
import { type Wanted, type WatchFilter, wantedBy } from './filter.js'
import { LabDirectoryWatch } from './lab-directory-watch.js'
import { ProcessWatch } from './process-watch.js'
import { impairmentEvents } from './state-events.js'
import { WatchedNetworks } from './watched-networks.js'
import { WatchedNodes } from './watched-nodes.js'

export interface WatchOptions extends WatchFilter {
  /** Ends the events when it is aborted. */
  signal?: AbortSignal
  /** Bytes that the kernel keeps for each network until they are read; by default 4 MiB, or as much as it lets an ordinary user have. */
  queueBytes?: number
}

/**
 * The events of a lab, from the moment at which this object is made until the lab is down. The caller reads it to its end, leaves the
 * loop, or calls `return()`, which closes all descriptors. Until then it keeps the event loop alive.
 */
export interface LabWatch extends AsyncIterableIterator<LabEvent>, AsyncDisposable {
  return(): Promise<IteratorResult<LabEvent>>
}

/** The events of a lab whose networks this process may read. */
class OwnLabWatch implements LabWatch {
  private readonly queue = new EventQueue()
  private readonly open: Disposable[] = []
  private readonly wanted: Wanted
  private readonly networks: WatchedNetworks
  private readonly nodes: WatchedNodes
  private state: LabState

  constructor(
    private readonly lab: RunningLab,
    options: WatchOptions = {},
  ) {
    this.wanted = wantedBy(options)
    const { keeper } = lab.state
    try {
      const readiness = this.opened(new Readiness(this.fail))
      const end = ProcessWatch.open(keeper, readiness, () => this.end())
      if (!end) throw new LabError('LAB_NOT_FOUND', `lab ${lab.name} is down`)
      this.opened(end)
      this.opened(new LabDirectoryWatch(lab.directory, this.takeFile, this.fail))
      // Written before it is read: a state that is written from now on is told of.
      this.state = readState(lab.directory).state ?? lab.state
      const watched = { ...keeper, isOwn: lab.owner === process.geteuid?.() }
      this.networks = this.opened(
        new WatchedNetworks(watched, readiness, this.wanted.networks, this.tell, options.queueBytes),
      )
      this.nodes = this.opened(new WatchedNodes(this.wanted.nodeEvents ? readiness : null, this.tellNode, this.takeEnd))
      for (const node of this.state.nodes) this.add(node)
    } catch (error) {
      this.close()
      throw error
    }
    const { signal } = options
    const stop = () => this.stop()
    signal?.addEventListener('abort', stop)
    this.opened({ [Symbol.dispose]: () => signal?.removeEventListener('abort', stop) })
    this.tell(this.lifeEvent('watch'))
    if (signal?.aborted) this.stop()
  }

  next(): Promise<IteratorResult<LabEvent>> {
    return this.queue.next()
  }

  /** Closes everything. */
  return(): Promise<IteratorResult<LabEvent>> {
    this.stop()
    return Promise.resolve({ done: true, value: undefined })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  private stop(): void {
    this.close()
    this.queue.close()
  }

  private opened<T extends Disposable>(resource: T): T {
    this.open.push(resource)
    return resource
  }

  private close(): void {
    for (const resource of this.open.splice(0).reverse()) resource[Symbol.dispose]()
  }

  /** The lab is down. */
  private end(): void {
    const last = this.lifeEvent('down')
    this.close()
    this.queue.end(last)
  }

  private readonly fail = (error: unknown): void => {
    this.close()
    this.queue.end(undefined, error)
  }

  private readonly tell = (event: LabEvent): void => this.queue.push(event)

  private readonly tellNode = (event: NodeEvent): void => {
    if (this.wanted.nodeEvents) this.tell(event)
  }

  private lifeEvent(action: LabLifeEvent['action']): LabLifeEvent {
    return { at: new Date().toISOString(), event: 'lab', action, lab: this.lab.name, nodes: this.nodes.size }
  }

  private add(node: NodeState): void {
    if (!this.wanted.node(node.name)) return
    if (this.wanted.networks.size > 0) this.networks.add(node)
    this.nodes.add(node)
  }

  private remove({ name }: NodeState): void {
    this.networks.remove(name)
    this.nodes.remove(name)
  }

  private readonly takeEnd = ({ name, pid }: NodeState): void => {
    // The kernel ends all nodes before their keeper. Cards of the machine come back once their namespaces are let go of.
    if (isExiting(this.lab.state.keeper)) this.networks[Symbol.dispose]()
    else this.tellNode({ at: new Date().toISOString(), event: 'node', action: 'end', node: name, pid })
  }

  private readonly takeFile = (name: string): void => {
    if (name === 'lock') this.guard(() => this.nodes.lookForPauses())
    if (name === 'state.json') this.guard(() => this.takeState())
  }

  private guard(action: () => void): void {
    try {
      action()
    } catch (error) {
      // What a lab that goes down has no longer is no failure.
      if (isExiting(this.lab.state.keeper)) return
      this.fail(error)
    }
  }

  private takeState(): void {
    const { state } = readState(this.lab.directory)
    const { keeper } = this.lab.state
    if (state?.keeper.pid !== keeper.pid || state.keeper.startTime !== keeper.startTime) return
    this.takeNodes(state)
    if (this.wanted.impairments) {
      for (const event of impairmentEvents(this.state, state)) if (this.wanted.node(event.node)) this.tell(event)
    }
    this.state = state
  }

  /** Nodes that a command has added, removed or restarted. */
  private takeNodes({ nodes }: LabState): void {
    const at = new Date().toISOString()
    const present = new Map(nodes.map((node) => [node.name, node]))
    const known = new Map(this.nodes.states().map((node) => [node.name, node]))
    for (const [name, node] of known) {
      if (present.has(name)) continue
      this.remove(node)
      this.tellNode({ at, event: 'node', action: 'remove', node: name, pid: node.pid })
    }
    for (const [name, node] of present) {
      const before = known.get(name)
      if (before?.pid === node.pid && before.startTime === node.startTime) continue
      if (!this.wanted.node(name)) continue
      // Its network may be the one that it had.
      if (before) this.nodes.remove(name)
      this.add(node)
      this.tellNode({ at, event: 'node', action: before ? 'restart' : 'add', node: name, pid: node.pid })
    }
  }
}

/**
 * Watches a running lab. Once it has returned, every change is told.
 *
 * @throws LabError LAB_NOT_FOUND, USAGE, PRIVILEGE_MISSING; KernelError
 */
export const watchLab = (lab: RunningLab, options: WatchOptions = {}): LabWatch => new OwnLabWatch(lab, options)
