// Nodes that share one network namespace: one of them has the links, the others are guests in its network.

import type { TopologyNode } from '../schema/topology.js'
import type { Faults } from '../source/fault.js'
import type { Topology } from '../source/topology.js'
import type { WiredLink } from '../wiring/wiring.js'
import { type Isolations, sharing } from './isolation.js'
import { isOfNetwork } from './sysctls.js'

/**
 * Guests, each with the node in whose network it is.
 *
 * With two of them wired, names of interfaces, routes and sysctls of both would have to fit into one network.
 */
export function networkGuests(
  topology: Topology,
  links: readonly WiredLink[],
  isolations: Isolations,
  faults: Faults,
): Map<string, string> {
  const members = sharing(isolations, 'net')
  const wired = new Set(links.flatMap(({ ends }) => ends.map((end) => end.node)))
  const ownerOf = (name: string) => wired.has(name) || networkKey(topology.nodes.get(name)) !== null
  const owner = members.find(ownerOf) ?? members[0]
  for (const name of members) {
    if (name === owner || !ownerOf(name)) continue
    const key = networkKey(topology.nodes.get(name))
    const what = key === null ? 'links' : `\`${key}\``
    const path = ['nodes', name, ...(key === null ? [] : [key])]
    const fault = `${name} shares its network with ${owner}, which is the one that can have links, addresses and the like; ${name} has ${what}`
    faults.add(path, fault, key === null ? 'key' : 'value')
  }
  return new Map(members.filter((name) => name !== owner).map((name) => [name, owner as string]))
}

/** A key of the node's that says something about its network; null for none. */
function networkKey(node: TopologyNode | undefined): string | null {
  if (!node) return null
  if (node.kind !== 'host') return 'kind'
  if (Object.keys(node.addresses).length > 0) return 'addresses'
  if (node.loopback !== undefined) return 'loopback'
  if (node.routes.length > 0) return 'routes'
  return Object.keys(node.sysctls).some(isOfNetwork) ? 'sysctls' : null
}
