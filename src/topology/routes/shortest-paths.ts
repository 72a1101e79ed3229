// Shortest paths over a routing graph, with costs: the edges of a node by which the shortest paths to each target begin. Routers
// forward packets, hosts and switches do not. The results are flat arrays, since a thousand routers have a million pairs.
import { CostQueue } from './cost-queue.js'
import type { EdgeSets } from './edge-sets.js'
import type { Graph } from './graph.js'

/** The cost where there is no path; more than any path costs. */
export const UNREACHABLE = 0x7fff_ffff

/** The edges of all nodes, those of the first node first (compressed sparse rows). */
interface FlatEdges {
  /** Where the edges of each node begin, and the end. */
  start: Int32Array
  to: Int32Array
  cost: Int32Array
}

export class ShortestPaths {
  private readonly edges: FlatEdges
  /** Costs from a node to each target, by node. */
  private readonly rows = new Map<number, Int32Array>()
  private readonly hasUnitCosts: boolean
  /** Costs from the node whose search is running to every other node. */
  private readonly distances: Int32Array
  private readonly queue: Int32Array

  /** @param targets numbers of the nodes that packets are sent to */
  constructor(
    private readonly graph: Graph,
    private readonly targets: Int32Array,
  ) {
    this.edges = flatten(graph)
    this.hasUnitCosts = this.edges.cost.every((cost) => cost === 1)
    this.distances = new Int32Array(graph.edges.length)
    this.queue = new Int32Array(graph.edges.length)
  }

  /**
   * The shortest paths from a node to each target: their cost, or `UNREACHABLE`, and the set of edges that they begin with, or
   * `none`. The set is `none`, too, if the target is the node itself.
   */
  from(node: number, sets: EdgeSets, none: number): { costs: Int32Array; labels: Int32Array } {
    const costs = new Int32Array(this.targets.length).fill(UNREACHABLE)
    const labels = new Int32Array(this.targets.length).fill(none)
    const first = this.edges.start[node] as number
    const last = this.edges.start[node + 1] as number
    for (let at = first; at < last; at++) {
      const row = this.rowOf(this.edges.to[at] as number)
      const cost = this.edges.cost[at] as number
      for (let target = 0; target < row.length; target++) {
        const rest = row[target] as number
        // The sum must not wrap around.
        if (rest !== UNREACHABLE && rest + cost < (costs[target] as number)) costs[target] = rest + cost
      }
    }
    // In a second pass, so that no sets are made of edges that turn out not to be the best: in a network of a thousand routers,
    // there would be very many.
    for (let at = first; at < last; at++) {
      const row = this.rowOf(this.edges.to[at] as number)
      const cost = this.edges.cost[at] as number
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

  /** The costs from a neighbour to each target. */
  private rowOf(node: number): Int32Array {
    const known = this.rows.get(node)
    if (known) return known
    this.distances.fill(UNREACHABLE)
    this.distances[node] = 0
    // A path ends at a node that does not forward.
    if (this.graph.isRouter[node]) {
      if (this.hasUnitCosts) this.searchByBreadth(node)
      else this.searchByCost(node)
    }
    const row = this.targets.map((target) => this.distances[target] as number)
    this.rows.set(node, row)
    return row
  }

  private searchByBreadth(source: number): void {
    const { distances, queue, edges } = this
    const { isRouter } = this.graph
    let end = 0
    queue[end++] = source
    for (let head = 0; head < end; head++) {
      const node = queue[head] as number
      if (!isRouter[node]) continue
      const next = (distances[node] as number) + 1
      const last = edges.start[node + 1] as number
      for (let at = edges.start[node] as number; at < last; at++) {
        const to = edges.to[at] as number
        if (distances[to] !== UNREACHABLE) continue
        distances[to] = next
        queue[end++] = to
      }
    }
  }

  private searchByCost(source: number): void {
    const { distances, edges } = this
    const queue = new CostQueue()
    queue.push(0, source)
    for (let node = queue.pop(distances); node >= 0; node = queue.pop(distances)) {
      if (!this.graph.isRouter[node]) continue
      const distance = distances[node] as number
      for (let at = edges.start[node] as number; at < (edges.start[node + 1] as number); at++) {
        const to = edges.to[at] as number
        const sum = distance + (edges.cost[at] as number)
        if (sum >= (distances[to] as number)) continue
        distances[to] = sum
        queue.push(sum, to)
      }
    }
  }
}

function flatten({ edges }: Graph): FlatEdges {
  const count = edges.reduce((sum, each) => sum + each.length, 0)
  const flat = { start: new Int32Array(edges.length + 1), to: new Int32Array(count), cost: new Int32Array(count) }
  let at = 0
  edges.forEach((each, node) => {
    flat.start[node] = at
    for (const { to, cost } of each) {
      flat.to[at] = to
      flat.cost[at++] = cost
    }
  })
  flat.start[edges.length] = at
  return flat
}
