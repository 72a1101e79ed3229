// Turns shortest paths to nodes into shortest paths to prefixes: a packet for a subnet is sent to the nearest router on it.
import { ATTACHED, NO_ROUTE } from './compress.js'
import type { EdgeSets } from './edge-sets.js'
import type { Graph } from './graph.js'
import { UNREACHABLE } from './shortest-paths.js'

/** The nodes that packets for each destination are sent to. */
export class Originators {
  /** All of them, for all destinations. */
  readonly nodes: Int32Array
  /** Indexes into `nodes`: the originators of the first destination, then those of the second, and so on. */
  private readonly places: Int32Array
  /** Where the originators of each destination begin in `places`, and the end. */
  private readonly start: Int32Array
  /** By node, the destinations that it is on. */
  private readonly attached = new Map<number, number[]>()

  constructor({ destinations }: Graph) {
    const place = new Map<number, number>()
    for (const { originators } of destinations)
      for (const originator of originators) if (!place.has(originator)) place.set(originator, place.size)
    this.nodes = Int32Array.from(place.keys())
    this.places = Int32Array.from(
      destinations.flatMap(({ originators }) => originators.map((node) => place.get(node) as number)),
    )
    this.start = new Int32Array(destinations.length + 1)
    destinations.forEach(({ originators, attached }, index) => {
      this.start[index + 1] = (this.start[index] as number) + originators.length
      for (const node of attached) {
        const own = this.attached.get(node)
        if (own) own.push(index)
        else this.attached.set(node, [index])
      }
    })
  }

  /**
   * By destination, the set of edges of a node that lead to the nearest originator; `ATTACHED` if the node is on it.
   *
   * @param shortest costs and first edges of the shortest paths from the node to each of `nodes`
   */
  labelsOf(node: number, shortest: { costs: Int32Array; labels: Int32Array }, sets: EdgeSets): Int32Array {
    const { places, start } = this
    const { costs, labels } = shortest
    const result = new Int32Array(start.length - 1).fill(NO_ROUTE)
    for (const destination of this.attached.get(node) ?? []) result[destination] = ATTACHED
    for (let destination = 0; destination < result.length; destination++) {
      if (result[destination] === ATTACHED) continue
      let best = UNREACHABLE
      for (let at = start[destination] as number; at < (start[destination + 1] as number); at++) {
        const place = places[at] as number
        const cost = costs[place] as number
        if (cost === UNREACHABLE || cost > best) continue
        const label = labels[place] as number
        result[destination] = cost < best ? label : sets.union(result[destination] as number, label)
        best = cost
      }
    }
    return result
  }
}
