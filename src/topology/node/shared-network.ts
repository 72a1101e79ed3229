// Nodes that share one network namespace: one of them, the owner, describes the network, the others are its guests.

import type { Faults } from '../source/faults.js'
import type { Topology } from '../source/topology.js'
import type { WiredLink } from '../wiring/wire-links.js'
import { type Isolations, sharing } from './isolation.js'
import { isWritten, keysDescribing } from './key-namespaces.js'
import { isOfNetwork } from './sysctls.js'

/**
 * Finds the guests, each with the owner of the network that it is in. The owner is the first node that has links or keys
 * about its network. It is a fault if a second one has, since interface names, indexes, routes and sysctls of both would
 * have to fit into one network.
 */
export function networkGuests(
  topology: Topology,
  links: readonly WiredLink[],
  isolations: Isolations,
  faults: Faults,
): Map<string, string> {
  const members = sharing(isolations, 'net')
  const wired = new Set(links.flatMap(({ ends }) => ends.map((end) => end.node)))
  const describesNetwork = (name: string) => wired.has(name) || networkKey(topology, name) !== null
  const owner = members.find(describesNetwork) ?? members[0]
  for (const name of members) {
    if (name === owner || !describesNetwork(name)) continue
    const key = networkKey(topology, name)
    const what = key === null ? 'links' : `\`${key}\``
    const path = ['nodes', name, ...(key === null ? [] : [key])]
    const fault = `${name} shares its network with ${owner}, which is the one that can have links, addresses and the like; ${name} has ${what}`
    faults.add(path, fault, key === null ? 'key' : 'value')
  }
  return new Map(members.filter((name) => name !== owner).map((name) => [name, owner as string]))
}

/** The first key of a node that describes its network; null for none. */
function networkKey(topology: Topology, name: string): string | null {
  const node = topology.nodes.get(name)
  if (!node) return null
  if (Object.keys(node.sysctls).some(isOfNetwork)) return 'sysctls'
  return keysDescribing('net').find((key) => isWritten(node, key) && !isDefault(topology, name, key)) ?? null
}

/** An MTU or families for all links that come from `defaults` mean nothing for a node without links, which cannot take them back. */
function isDefault(topology: Topology, name: string, key: string): boolean {
  return ['mtu', 'families'].includes(key) && topology.locate(['nodes', name, key]).origin.path.startsWith('defaults.')
}
