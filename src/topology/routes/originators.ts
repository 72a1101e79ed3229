// From shortest paths to nodes, to those to prefixes: a packet for a subnet goes to the nearest router on it.
import { NOWHERE, OWN } from './compress.js'
import type { WaySets } from './edge-sets.js'
import type { Graph } from './graph.js'
import { UNREACHABLE } from './shortest-paths.js'

/** Which nodes packets for each destination are sent to. */
export class Sources {
  /** All of them. */
  readonly nodes: Int32Array
  /** Of all destinations, one's after the other's, as places in `nodes`. */
  private readonly places: Int32Array
  /** Where each destination's begin; one more for the end. */
  private readonly start: Int32Array
  /** By node, the destinations that it is on. */
  private readonly own = new Map<number, number[]>()

  constructor({ destinations }: Graph) {
    const place = new Map<number, number>()
    for (const { sources } of destinations)
      for (const source of sources) if (!place.has(source)) place.set(source, place.size)
    this.nodes = Int32Array.from(place.keys())
    this.places = Int32Array.from(
      destinations.flatMap(({ sources }) => sources.map((node) => place.get(node) as number)),
    )
    this.start = new Int32Array(destinations.length + 1)
    destinations.forEach(({ sources, attached }, index) => {
      this.start[index + 1] = (this.start[index] as number) + sources.length
      for (const node of attached) {
        const own = this.own.get(node)
        if (own) own.push(index)
        else this.own.set(node, [index])
      }
    })
  }

  /** By destination, the ways of a node that lead to the nearest of its sources; `OWN` for what the node is on. */
  labelsOf(node: number, { costs, labels }: { costs: Int32Array; labels: Int32Array }, sets: WaySets): Int32Array {
    const { places, start } = this
    const result = new Int32Array(start.length - 1).fill(NOWHERE)
    for (const destination of this.own.get(node) ?? []) result[destination] = OWN
    for (let destination = 0; destination < result.length; destination++) {
      if (result[destination] === OWN) continue
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
