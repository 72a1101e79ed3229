// Routes the user wrote: the gateway must be another's address on one of the node's subnets, or the interface be named.
import type { AddressPlan } from './addresses.js'
import type { Faults, Path } from './fault.js'
import type { Topology } from './parse.js'
import { contains, formatAddress, isLinkLocal, makePrefix, type Prefix, parsePrefix } from './prefix.js'
import type { Family, ResolvedRoute } from './resolved.js'
import type { TopologyNode } from './schema.js'
import { suggestion } from './suggest.js'

type WrittenRoute = TopologyNode['routes'][number]

/** The written routes of a node, checked. */
export function writtenRoutes(
  topology: Topology,
  node: string,
  interfaces: readonly string[],
  plan: AddressPlan,
  faults: Faults,
): ResolvedRoute[] {
  const destinations = new Set(interfaces.flatMap((name) => plan.of(node, name).map(({ networkText }) => networkText)))
  return (topology.nodes.get(node)?.routes ?? []).flatMap((written, index) => {
    const path = ['nodes', node, 'routes', index]
    const route = readRoute(written, path, node, interfaces, plan, faults)
    if (route === null) return []
    if (destinations.has(route.destination)) {
      faults.add([...path, 'to'], `${node} has a route to ${route.destination} already`)
      return []
    }
    destinations.add(route.destination)
    return [route]
  })
}

function readRoute(
  { to, via, dev }: WrittenRoute,
  path: Path,
  node: string,
  interfaces: readonly string[],
  plan: AddressPlan,
  faults: Faults,
): ResolvedRoute | null {
  const refuse = (key: string, message: string): null => {
    faults.add([...path, key], message)
    return null
  }
  if (via === undefined && (dev === undefined || to === 'default')) {
    return refuse('to', `a route${dev === undefined ? '' : ' to `default`'} needs \`via\`, the address of its next hop`)
  }
  if (dev !== undefined && !interfaces.includes(dev)) {
    return refuse('dev', `${node} has no interface ${dev}${suggestion(dev, interfaces)}`)
  }
  const gateway = via === undefined ? null : (parsePrefix(via) as Prefix)
  const family = gateway?.family ?? familyOf(to)
  if (to !== 'default' && familyOf(to) !== family) return refuse('via', `${via} and ${to} are of different families`)
  const out = gateway === null ? dev : interfaceTowards(gateway, dev === undefined ? interfaces : [dev], node, plan)
  if (out === undefined)
    return refuse('via', `${via} is on no subnet of ${dev === undefined ? node : `${node}:${dev}`}`)
  if (gateway && interfaces.some((name) => plan.of(node, name).some((own) => isSame(own, gateway)))) {
    return refuse('via', `${via} is an address of ${node} itself`)
  }
  const destination = to === 'default' ? makePrefix(family, 0n, 0) : (parsePrefix(to) as Prefix)
  const nextHops = [{ gateway: gateway && formatAddress(family, gateway.address), interface: out }]
  return { family, destination: destination.networkText, nextHops, source: null }
}

/** The first interface with the gateway on-link; a link-local one is on every link, so the interface must be named. */
function interfaceTowards(
  { family, address }: Prefix,
  candidates: readonly string[],
  node: string,
  plan: AddressPlan,
): string | undefined {
  if (isLinkLocal(family, address)) return candidates.length === 1 ? candidates[0] : undefined
  return candidates.find((name) => name !== 'lo' && plan.of(node, name).some((own) => contains(own, family, address)))
}

const familyOf = (text: string): Family => (text.includes(':') ? 6 : 4)

const isSame = (a: Prefix, b: Prefix): boolean => a.family === b.family && a.address === b.address
