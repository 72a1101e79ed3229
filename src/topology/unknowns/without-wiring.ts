// Leaves out of a topology what cannot be wired.
import type { TopologyNode } from '../schema/topology.js'
import type { Path } from '../source/located.js'
import type { Topology } from '../source/topology.js'

/** A topology with the nodes under their names. */
export const plainOf = ({ nodes, links }: Topology): unknown => ({ nodes: Object.fromEntries(nodes), links })

/** The topology without the links and the keys of nodes in which these parts are. The other links keep their numbers. */
export function withoutWiring(topology: Topology, parts: readonly Path[]): Topology {
  const links = new Set(parts.flatMap(([first, index]) => (first === 'links' ? [Number(index)] : [])))
  const nodes = new Map(topology.nodes)
  for (const [first, name, key] of parts) {
    const node = first === 'nodes' ? nodes.get(String(name)) : undefined
    if (node) nodes.set(String(name), withoutKey(node, key))
  }
  return {
    ...topology,
    nodes,
    links: topology.links.map((link, index) => (links.has(index) ? { ...link, endpoints: [] } : link)),
  }
}

function withoutKey(node: TopologyNode, key: PropertyKey | undefined): TopologyNode {
  switch (key) {
    case 'interfaces':
    case 'namespaces':
    case 'users':
    case 'time': {
      const { [key]: _, ...rest } = node
      return rest as TopologyNode
    }
    default:
      return node
  }
}
