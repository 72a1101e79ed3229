// Nodes and links that are taken out of a topology.
import type { LinkRemoval, NodeRemoval } from '../../model/source/topology-edit.js'
import { interfaceOfSysctl } from '../node/interface-sysctls.js'
import type { TopologyNode } from '../schema/topology.js'
import type { Topology } from '../source/topology.js'
import { endOf } from './ends.js'
import { linksIn, placesOf } from './places.js'

export const removeNode = (topology: Topology, { node }: NodeRemoval): Topology => ({
  ...topology,
  nodes: new Map([...topology.nodes].filter(([name]) => name !== node)),
})

/** Also removes what the nodes say about the ends. */
export function removeLink(topology: Topology, { link: gone, ends }: LinkRemoval): Topology {
  const isKept = (_: unknown, place: number) => place !== gone
  const nodes = new Map(topology.nodes)
  for (const { node: name, interface: end } of ends.map(endOf)) {
    const node = nodes.get(name)
    if (node && end !== undefined) nodes.set(name, withoutInterface(node, end))
  }
  return {
    ...topology,
    nodes,
    links: topology.links.filter(isKept),
    locate: placesOf(topology.locate, linksIn(topology).filter(isKept)),
  }
}

/** Without what is written about an interface alone. What other keys say of it, such as routes, is a fault that tells its place. */
function withoutInterface(node: TopologyNode, name: string): TopologyNode {
  const { mtu, anycast } = node
  const without = <T>(record: Record<string, T>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([key]) => key !== name))
  return {
    ...node,
    addresses: without(node.addresses),
    mac: without(node.mac),
    sysctls: Object.fromEntries(Object.entries(node.sysctls).filter(([key]) => interfaceOfSysctl(key) !== name)),
    ...(typeof mtu === 'object' ? { mtu: without(mtu) } : {}),
    ...(anycast !== undefined && !Array.isArray(anycast) ? { anycast: without(anycast) } : {}),
  }
}
