// The address families of nodes and interfaces: those of the lab, without what a node, its links or its sysctls exclude.
import type { Family } from '../../model/family.js'
import type { TopologyNode } from '../schema/topology.js'
import type { Topology } from '../source/topology.js'
import { interfaceKey } from '../values/interface-key.js'
import type { Segment } from '../wiring/segments.js'

/** The families of a node. Where a sysctl disables IPv6, the kernel refuses IPv6 addresses with EACCES. */
export function nodeFamilies(topology: Topology, name: string): readonly Family[] {
  const node = topology.nodes.get(name)
  return topology.families.filter(
    (family) =>
      (node?.families ?? topology.families).includes(family) &&
      !(family === 6 && node && disables(node, ['all', 'default'])),
  )
}

/** The families of every interface. */
export class Families {
  private readonly byNode: ReadonlyMap<string, readonly Family[]>
  /** What the links at an interface allow, by `NODE:INTERFACE`. */
  private readonly byLink = new Map<string, Set<Family>>()

  constructor(
    private readonly topology: Topology,
    segments: readonly Segment[],
  ) {
    this.byNode = new Map([...topology.nodes.keys()].map((name) => [name, nodeFamilies(topology, name)]))
    if (topology.links.some(({ families }) => families !== undefined))
      for (const segment of segments) this.readLinks(segment)
  }

  private readLinks({ members, links }: Segment): void {
    const byEnd = new Map<string, Set<Family>>()
    for (const { index, ends } of links) {
      const own = this.topology.links[index]?.families ?? this.topology.families
      // A bridge or a bond has the families of all links that its node has on the segment.
      for (const end of ends)
        for (const key of [interfaceKey(end.node, end.interface), end.node])
          byEnd.set(key, new Set([...(byEnd.get(key) ?? []), ...own]))
    }
    for (const { node, interface: name } of members) {
      const key = interfaceKey(node, name)
      this.byLink.set(key, new Set(byEnd.get(key) ?? byEnd.get(node)))
    }
  }

  ofNode(node: string): readonly Family[] {
    return this.byNode.get(node) ?? []
  }

  has(node: string, name: string, family: Family): boolean {
    return this.reasonAgainst(node, name, family) === null
  }

  /** Whether the node and the lab have a family, and the link at an interface has not. */
  isExcludedByLink(node: string, name: string, family: Family): boolean {
    const ofLink = this.byLink.get(interfaceKey(node, name))
    return this.ofNode(node).includes(family) && ofLink !== undefined && !ofLink.has(family)
  }

  /** Why an interface has no addresses of a family, to follow the name of the family; null if it may have some. */
  reasonAgainst(node: string, name: string, family: Family): string | null {
    if (!this.topology.families.includes(family)) return `\`families\` has no ${family}`
    const written = this.topology.nodes.get(node)
    if (family === 6 && written && disables(written, ['all', 'default', name])) return bySysctl(node, name)
    if (!this.ofNode(node).includes(family)) return `\`families\` of ${node} has no ${family}`
    const ofLink = this.byLink.get(interfaceKey(node, name))
    return ofLink && !ofLink.has(family) ? `\`families\` of the link at ${node}:${name} has no ${family}` : null
  }

  /** Why the kernel has IPv6 disabled on an interface; null if it has not. A lab without IPv6 leaves it as it is. */
  whyWithoutIpv6(node: string, name: string): string | null {
    if (this.topology.families.includes(6)) return this.reasonAgainst(node, name, 6)
    const written = this.topology.nodes.get(node)
    return written && disables(written, ['all', 'default', name]) ? bySysctl(node, name) : null
  }
}

const bySysctl = (node: string, name: string): string => `a sysctl disables IPv6 on ${node}:${name}`

/** Whether a sysctl of a node disables IPv6 on one of some interfaces. */
function disables({ sysctls }: TopologyNode, interfaces: readonly string[]): boolean {
  return Object.entries(sysctls).some(([key, value]) => {
    const name = /^net[./]ipv6[./]conf[./](.+)[./]disable_ipv6$/.exec(key)?.[1]
    return name !== undefined && interfaces.includes(name) && !/^0*$/.test(value)
  })
}
