// The nodes that are watched: whether their first processes run, and whether they are paused.
import type { Readiness } from '../../kernel/readiness/readiness.js'
import type { NodeEvent } from '../../model/lab-event.js'
import type { NodeState } from '../record/state.js'
import { isPaused } from '../run/pause.js'
import { ProcessWatch } from './process-watch.js'

interface WatchedNode {
  state: NodeState
  process: ProcessWatch | null
  isPaused: boolean
}

/** The owner disposes of it. */
export class WatchedNodes implements Disposable {
  private readonly nodes = new Map<string, WatchedNode>()

  /**
   * @param readiness null when nothing is told of nodes
   * @param onEnd called when the first process of a node has ended
   */
  constructor(
    private readonly readiness: Readiness | null,
    private readonly tell: (event: NodeEvent) => void,
    private readonly onEnd: (node: NodeState) => void,
  ) {}

  get size(): number {
    return this.nodes.size
  }

  /** As they were when they were added. */
  states(): NodeState[] {
    return [...this.nodes.values()].map(({ state }) => state)
  }

  add(state: NodeState): void {
    const process = this.readiness && this.open(state, this.readiness)
    this.nodes.set(state.name, { state, process, isPaused: process !== null && isPaused(state) })
  }

  private open(state: NodeState, readiness: Readiness): ProcessWatch | null {
    return ProcessWatch.open(state, readiness, () => {
      const node = this.nodes.get(state.name)
      if (node) node.process = null
      this.onEnd(state)
    })
  }

  remove(name: string): void {
    this.nodes.get(name)?.process?.[Symbol.dispose]()
    this.nodes.delete(name)
  }

  /** Finds out which living nodes have been paused and resumed. */
  lookForPauses(): void {
    for (const node of this.nodes.values()) {
      if (node.process === null) continue
      const isNow = isPaused(node.state)
      if (isNow === node.isPaused) continue
      node.isPaused = isNow
      const { name, pid } = node.state
      this.tell({ at: new Date().toISOString(), event: 'node', action: isNow ? 'pause' : 'resume', node: name, pid })
    }
  }

  [Symbol.dispose](): void {
    for (const name of [...this.nodes.keys()]) this.remove(name)
  }
}
