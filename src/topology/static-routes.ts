// Routes the user wrote: the gateway must be on one of the node's subnets, or the interface must be named.
import type { AddressPlan } from './addresses.js'
import type { Faults } from './fault.js'
import type { Topology } from './parse.js'
import { contains, formatAddress, makePrefix, type Prefix, parsePrefix } from './prefix.js'
import type { Family, ResolvedRoute } from './resolved.js'
import { suggestion } from './suggest.js'

/** The written routes of a node, checked. */
export function writtenRoutes(
  topology: Topology,
  node: string,
  interfaces: readonly string[],
  plan: AddressPlan,
  faults: Faults,
): ResolvedRoute[] {
  return (topology.nodes[node]?.routes ?? []).flatMap(({ to, via, dev }, index) => {
    const path = ['nodes', node, 'routes', index]
    if (via === undefined && dev === undefined) {
      faults.add(path, 'a route needs `via`, `dev` or both')
      return []
    }
    if (dev !== undefined && !interfaces.includes(dev)) {
      faults.add([...path, 'dev'], `${node} has no interface ${dev}${suggestion(dev, interfaces)}`)
      return []
    }
    const gateway = via === undefined ? null : (parsePrefix(via) as Prefix)
    const family = gateway?.family ?? (to === 'default' ? 4 : familyOf(to))
    if (to !== 'default' && familyOf(to) !== family) {
      faults.add([...path, 'via'], `${via} and ${to} are of different families`)
      return []
    }
    const out = dev ?? interfaces.find((name) => gateway && isOnLink(plan.of(node, name), gateway))
    if (out === undefined) {
      faults.add([...path, 'via'], `${via} is on no subnet of ${node}`)
      return []
    }
    const destination = to === 'default' ? makePrefix(family, 0n, 0) : (parsePrefix(to) as Prefix)
    const nextHops = [{ gateway: gateway && formatAddress(gateway.family, gateway.address), interface: out }]
    return [{ family, destination: destination.networkText, nextHops, source: null }]
  })
}

const familyOf = (text: string): Family => (text.includes(':') ? 6 : 4)

const isOnLink = (prefixes: readonly Prefix[], gateway: Prefix): boolean =>
  prefixes.some((prefix) => contains(prefix, gateway.family, gateway.address))
