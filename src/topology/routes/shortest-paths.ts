// Shortest paths over a routing graph, with costs: which of a node's ways lead nearest to where a packet goes. Routers
// forward, hosts and switches do not. In flat arrays, since a thousand routers have a million pairs.
import { CostQueue } from './cost-queue.js'
import type { WaySets } from './edge-sets.js'
import type { Graph } from './graph.js'

/** More than any path costs. */
export const UNREACHABLE = 0x7fff_ffff

/** Ways of all nodes, one node's after the other's (compressed sparse rows). */
interface Ways {
  /** Where each node's begin; one more for the end. */
  start: Int32Array
  to: Int32Array
  cost: Int32Array
}

/** What the nodes of a graph need to know of each other. */
export class ShortestPaths {
  private readonly ways: Ways
  /** Costs from a router to each target, by router. */
  private readonly rows = new Map<number, Int32Array>()
  private readonly hasUnitCosts: boolean
  /** Of the node that is being searched from, to every other. */
  private readonly distances: Int32Array
  private readonly queue: Int32Array

  /** @param targets numbers of the nodes that packets are sent to */
  constructor(
    private readonly graph: Graph,
    private readonly targets: Int32Array,
  ) {
    this.ways = waysOf(graph)
    this.hasUnitCosts = this.ways.cost.every((cost) => cost === 1)
    this.distances = new Int32Array(graph.ways.length)
    this.queue = new Int32Array(graph.ways.length)
  }

  /**
   * For each target, what the shortest paths from a node cost, `UNREACHABLE` where there is none, and which of the node's
   * ways they begin with, `none` where there is none. What the target itself is to the node is not told.
   */
  from(node: number, sets: WaySets, none: number): { costs: Int32Array; labels: Int32Array } {
    const costs = new Int32Array(this.targets.length).fill(UNREACHABLE)
    const labels = new Int32Array(this.targets.length).fill(none)
    const first = this.ways.start[node] as number
    const last = this.ways.start[node + 1] as number
    for (let at = first; at < last; at++) {
      const row = this.rowOf(this.ways.to[at] as number)
      const cost = this.ways.cost[at] as number
      for (let target = 0; target < row.length; target++) {
        const rest = row[target] as number
        // What cannot be reached is further than all else.
        if (rest !== UNREACHABLE && rest + cost < (costs[target] as number)) costs[target] = rest + cost
      }
    }
    // Only now, or there would be sets of ways that are not the best: on a network of a thousand routers, very many.
    for (let at = first; at < last; at++) {
      const row = this.rowOf(this.ways.to[at] as number)
      const cost = this.ways.cost[at] as number
      const label = sets.one(at - first)
      for (let target = 0; target < row.length; target++) {
        const best = costs[target] as number
        if (best === UNREACHABLE || (row[target] as number) + cost !== best || this.targets[target] === node) continue
        const known = labels[target] as number
        labels[target] = known === none ? label : sets.union(known, label)
      }
    }
    return { costs, labels }
  }

  /** What it costs from a neighbour to each target. */
  private rowOf(node: number): Int32Array {
    const known = this.rows.get(node)
    if (known) return known
    this.distances.fill(UNREACHABLE)
    this.distances[node] = 0
    // What does not forward is an end of the way.
    if (this.graph.isRouter[node]) {
      if (this.hasUnitCosts) this.searchByBreadth(node)
      else this.searchByCost(node)
    }
    const row = this.targets.map((target) => this.distances[target] as number)
    this.rows.set(node, row)
    return row
  }

  private searchByBreadth(source: number): void {
    const { distances, queue, ways } = this
    const { isRouter } = this.graph
    let end = 0
    queue[end++] = source
    for (let head = 0; head < end; head++) {
      const node = queue[head] as number
      if (!isRouter[node]) continue
      const next = (distances[node] as number) + 1
      const last = ways.start[node + 1] as number
      for (let at = ways.start[node] as number; at < last; at++) {
        const to = ways.to[at] as number
        if (distances[to] !== UNREACHABLE) continue
        distances[to] = next
        queue[end++] = to
      }
    }
  }

  private searchByCost(source: number): void {
    const { distances, ways } = this
    const queue = new CostQueue()
    queue.push(0, source)
    for (let node = queue.pop(distances); node >= 0; node = queue.pop(distances)) {
      if (!this.graph.isRouter[node]) continue
      const distance = distances[node] as number
      for (let at = ways.start[node] as number; at < (ways.start[node + 1] as number); at++) {
        const to = ways.to[at] as number
        const sum = distance + (ways.cost[at] as number)
        if (sum >= (distances[to] as number)) continue
        distances[to] = sum
        queue.push(sum, to)
      }
    }
  }
}

function waysOf({ ways }: Graph): Ways {
  const count = ways.reduce((sum, each) => sum + each.length, 0)
  const flat = { start: new Int32Array(ways.length + 1), to: new Int32Array(count), cost: new Int32Array(count) }
  let at = 0
  ways.forEach((each, node) => {
    flat.start[node] = at
    for (const { to, cost } of each) {
      flat.to[at] = to
      flat.cost[at++] = cost
    }
  })
  flat.start[ways.length] = at
  return flat
}
