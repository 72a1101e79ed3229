// The interfaces and links of a running lab by the names that topologies have for them. Pure.
import type { ResolvedTopology } from '../../../model/resolved.js'
import { FIRST_WIRE_INDEX, WIRE_NODE } from '../../emulation/links.js'
import { type Place, pairKey, placeKey } from '../facts/fact.js'
import { interfacesOf } from '../facts/kernel-facts.js'
import type { ObservedInterface, ObservedNode } from '../observed.js'

/** A veth pair between two nodes, or two pairs with the wire between them. */
export interface RunningLink {
  ends: [Place, Place]
  number: number
  isOnWire: boolean
}

export class Running {
  readonly links: RunningLink[] = []
  private readonly interfaces = new Map<string, Map<number, ObservedInterface>>()
  /** ifindex by node and name: of the topology that was applied, of the one whose apply was killed, of the kernel. */
  private readonly indexes: Map<string, number>[]

  /** @param known topologies that were applied, the last one first */
  constructor(nodes: readonly ObservedNode[], known: readonly ResolvedTopology[]) {
    for (const node of nodes) {
      this.interfaces.set(node.name, new Map(interfacesOf(node).map((each) => [each.index, each])))
    }
    this.indexes = [...known, { nodes }].map(
      (of) =>
        new Map(of.nodes.flatMap(({ name, interfaces }) => interfaces.map((i) => [`${name}:${i.name}`, i.index]))),
    )
    this.findLinks(known)
  }

  hasNode(name: string): boolean {
    return this.interfaces.has(name)
  }

  at({ node, index }: Place): ObservedInterface | undefined {
    return this.interfaces.get(node)?.get(index)
  }

  of(node: string): ObservedInterface[] {
    return [...(this.interfaces.get(node)?.values() ?? [])]
  }

  /** The ifindexes that a name has, the likeliest first. */
  indexesOf(node: string, name: string): number[] {
    return this.indexes.flatMap((of) => {
      const index = of.get(`${node}:${name}`)
      return index !== undefined && this.at({ node, index }) ? [index] : []
    })
  }

  /** Whether a topology that was applied has the interface. */
  isKnown({ node, index }: Place): boolean {
    return this.known.has(placeKey({ node, index }))
  }

  private readonly known = new Set<string>()

  private findLinks(known: readonly ResolvedTopology[]): void {
    const numbers = new Map<string, number>()
    for (const topology of known) {
      const places = new Map(
        topology.nodes.flatMap(({ name: node, interfaces }) =>
          interfaces.map(({ name, index }) => [`${node}:${name}`, { node, index }] as const),
        ),
      )
      for (const place of places.values()) this.known.add(placeKey(place))
      for (const [at, { endpoints, number = at }] of topology.links.entries()) {
        const [a, b] = endpoints.map((end) => places.get(`${end.node}:${end.interface}`))
        if (a && b && !numbers.has(pairKey(a, b))) numbers.set(pairKey(a, b), number)
      }
    }
    const halves = new Map<number, Place[]>()
    for (const [node, interfaces] of this.interfaces) {
      for (const { index, peer } of interfaces.values()) {
        const end = { node, index }
        if (peer === null) continue
        if (peer.node === WIRE_NODE) {
          const number = (peer.index - FIRST_WIRE_INDEX) >> 1
          halves.set(number, [...(halves.get(number) ?? []), end])
          continue
        }
        const number = numbers.get(pairKey(end, peer))
        // Each pair once; both ends name each other.
        if (number === undefined || placeKey(end) > placeKey(peer)) continue
        const back = this.at(peer)?.peer
        if (back?.node === node && back.index === index) this.links.push({ ends: [end, peer], number, isOnWire: false })
      }
    }
    for (const [number, ends] of halves) {
      const [a, b] = ends
      if (a && b && numbers.get(pairKey(a, b)) === number) this.links.push({ ends: [a, b], number, isOnWire: true })
    }
  }
}
