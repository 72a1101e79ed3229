// Checks and resolves the written neighbour entries of a node.

import type { ResolvedNeighbour } from '../../model/resolved.js'
import type { TopologyNode } from '../schema/topology.js'
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import { formatAddress, type Prefix, parsePrefix } from '../values/prefix.js'
import type { NamedAddresses } from './named-routes.js'
import type { NextHopFinder } from './next-hop-finder.js'

export function writtenNeighbours(
  neighbours: TopologyNode['neighbours'],
  path: Path,
  named: NamedAddresses,
  finder: NextHopFinder,
  faults: Faults,
): ResolvedNeighbour[] {
  const seen = new Map<string, string>()
  const concrete = neighbours.flatMap((each, index) => {
    const own = [...path, index]
    return named.neighbour(each, own).map((neighbour) => ({ neighbour, own }))
  })
  return concrete.flatMap(({ neighbour: { address, mac, dev }, own }): ResolvedNeighbour[] => {
    const prefix = parsePrefix(address) as Prefix
    const refuse = (key: string, message: string): [] => {
      faults.add([...own, key], message)
      return []
    }
    if (dev !== undefined && !finder.interfaces.includes(dev)) return refuse('dev', finder.noSuchInterface(dev))
    if (finder.isOwn(prefix)) return refuse('address', `${address} is an address of the node itself`)
    const name = dev ?? finder.towards(prefix, finder.interfaces)
    if (name === undefined)
      return refuse('address', `${address} is on no subnet of the node; write \`dev\`, its interface`)
    const reason = finder.reasonAgainst(name, prefix.family)
    if (reason !== null) return refuse('address', reason)
    const entry = { interface: name, address: formatAddress(prefix.family, prefix.address), mac: mac.toLowerCase() }
    const key = `${name} ${entry.address}`
    const other = seen.get(key)
    if (other !== undefined) return refuse('address', `${entry.address} has the MAC address ${other} already`)
    seen.set(key, entry.mac)
    return [entry]
  })
}
