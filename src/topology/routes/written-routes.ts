// Checks and resolves the written routes of a node.

import type { Family } from '../../model/family.js'
import type { NextHop, ResolvedNexthop, ResolvedRoute } from '../../model/resolved.js'
import type { InterfaceAddresses } from '../addresses/interface-addresses.js'
import type { TopologyNode } from '../schema/topology.js'
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import { formatAddress, makePrefix, type Prefix, parsePrefix } from '../values/prefix.js'
import type { Stacks } from '../wiring/node-stack.js'
import type { NamedAddresses } from './named-routes.js'
import type { NextHopFinder, WrittenNextHop } from './next-hop-finder.js'

type WrittenRoute = TopologyNode['routes'][number]

/** RT_TABLE_MAIN (linux/rtnetlink.h) */
const MAIN_TABLE = 254
/** The metric of a route without one, and of an IPv6 route with 0 (IP6_RT_PRIO_USER, linux/ipv6_route.h). */
const DEFAULT_METRIC = { 4: 0, 6: 1024 }
/** The metric of the kernel's routes to the IPv6 subnets of interfaces (IP6_RT_PRIO_ADDRCONF). */
const CONNECTED_IPV6_METRIC = 256

/** @param objects the next-hop objects of the node */
export function writtenRoutes(
  routes: readonly WrittenRoute[],
  node: string,
  objects: readonly ResolvedNexthop[],
  named: NamedAddresses,
  finder: NextHopFinder,
  addresses: InterfaceAddresses,
  stacks: Stacks,
  faults: Faults,
): ResolvedRoute[] {
  const reader = new RouteReader(node, finder, objects, vrfTables(node, stacks), faults)
  // The kernel adds routes to the node's own subnets to the main table.
  const taken = new Set(
    finder.interfaces.flatMap((name) =>
      addresses
        .of(node, name)
        .flatMap(({ family, networkText }) => [
          networkText,
          ...(family === 6 ? [`${networkText}, metric ${CONNECTED_IPV6_METRIC}`] : []),
        ]),
    ),
  )
  const concrete = routes.flatMap((written, index) => {
    const path = ['nodes', node, 'routes', index]
    return named.route(written, path).map((each) => ({ written: each, path }))
  })
  return concrete.flatMap(({ written, path }) => {
    const route = reader.read(written, path)
    if (route === null) return []
    const key = [
      route.destination,
      ...(route.table === undefined ? [] : [`table ${route.table}`]),
      ...metricOf(route),
    ].join(', ')
    if (taken.has(key)) {
      faults.add([...path, 'to'], `${node} has a route to ${key} already`)
      return []
    }
    taken.add(key)
    return [route]
  })
}

function metricOf({ family, metric }: ResolvedRoute): string[] {
  return !metric || metric === DEFAULT_METRIC[family] ? [] : [`metric ${metric}`]
}

/** By interface, the table of the VRF that it is a member of, or is itself. */
function vrfTables(node: string, stacks: Stacks): Map<string, number> {
  const { devices, masters } = stacks.get(node) ?? {}
  const tables = new Map<string, number>()
  for (const [member, { name }] of masters ?? []) {
    const master = devices?.get(name)
    if (master?.kind === 'vrf') tables.set(member, master.table)
  }
  for (const [name, device] of devices ?? []) if (device.kind === 'vrf') tables.set(name, device.table)
  return tables
}

interface RouteTarget {
  family: Family
  nextHops: NextHop[]
  nexthopId?: number
}

class RouteReader {
  constructor(
    private readonly node: string,
    private readonly finder: NextHopFinder,
    private readonly objects: readonly ResolvedNexthop[],
    private readonly vrfTables: ReadonlyMap<string, number>,
    private readonly faults: Faults,
  ) {}

  read(written: WrittenRoute, path: Path): ResolvedRoute | null {
    const { to, type, metric, source } = written
    const target = this.target(written, path)
    if (target === null) return null
    const { family, nextHops, nexthopId } = target
    const destination = to === 'default' ? makePrefix(family, 0n, 0) : (parsePrefix(to) as Prefix)
    const [first] = nextHops
    const table = written.table ?? (first && this.vrfTables.get(first.interface))
    return {
      family,
      destination: destination.networkText,
      nextHops,
      source: source === undefined ? null : this.source(source, family, path),
      ...(type === 'unicast' ? {} : { type }),
      ...(metric === undefined ? {} : { metric }),
      ...(table === undefined || table === MAIN_TABLE ? {} : { table }),
      ...(nexthopId === undefined ? {} : { nexthopId }),
    }
  }

  /** Where the route leads to. */
  private target(written: WrittenRoute, path: Path): RouteTarget | null {
    const { to, via, dev, onlink, nexthops, nhid, type } = written
    const refuse = (key: string, message: string): null => {
      this.faults.add([...path, key], message)
      return null
    }
    const wanted = to === 'default' ? null : familyOf(to)
    const given = Object.entries({ via: via ?? dev, nexthops, nhid }).filter(([, value]) => value !== undefined)
    const keys = given.map(([key]) => (key === 'via' && via === undefined ? 'dev' : key))
    if (type !== 'unicast') {
      if (keys[0] !== undefined) return refuse(keys[0], `a ${type} route leads nowhere, so it has no \`${keys[0]}\``)
      return wanted === null
        ? refuse('to', `a ${type} route is to 0.0.0.0/0 or ::/0, since \`default\` does not tell which`)
        : { family: wanted, nextHops: [] }
    }
    if (keys[1] !== undefined) return refuse(keys[1], `a route has \`${keys[0]}\` or \`${keys[1]}\`, not both`)
    if (nhid !== undefined) return this.object(nhid, wanted, path)
    const hops = nexthops ?? [{ via, dev, onlink, weight: 1 }]
    const pathOf = (index: number) => (nexthops ? [...path, 'nexthops', index] : path)
    const found = hops.map((hop, index) => this.hop(hop, to, wanted ?? gatewayFamily(hops), pathOf(index)))
    if (!found.every((each) => each !== null)) return null
    const family = found[0]?.family ?? 4
    const nextHops = found.map(({ family: _, ...hop }) => hop)
    if (family === 6 && nextHops.length > 1 && this.refuseMultipath6(nextHops, [...path, 'nexthops'])) return null
    return { family, nextHops }
  }

  /** The kernel takes several next hops of IPv6 only if each has a gateway, and all are different. */
  private refuseMultipath6(nextHops: readonly NextHop[], path: Path): boolean {
    const faults = nextHops.flatMap(({ gateway, interface: name }, index) => {
      if (gateway === null) return [{ index, message: 'in IPv6, each of several next hops needs `via`, its address' }]
      const isDouble = nextHops.slice(0, index).some((each) => each.gateway === gateway && each.interface === name)
      return isDouble
        ? [{ index, message: `${gateway} is a next hop of this route already; \`weight\` is its share` }]
        : []
    })
    for (const { index, message } of faults) this.faults.add([...path, index], message)
    return faults.length > 0
  }

  private hop(
    { weight, ...hop }: WrittenNextHop & { weight: number },
    to: string,
    family: Family | null,
    path: Path,
  ): (NextHop & { family: Family }) | null {
    const { via, dev } = hop
    if (via === undefined && (dev === undefined || to === 'default')) {
      const what = dev === undefined ? '' : ' to `default`'
      const key = path.includes('nexthops') ? path : [...path, 'to']
      this.faults.add(key, `a route${what} needs \`via\`, the address of its next hop`)
      return null
    }
    if (via !== undefined && family !== null && familyOf(via) !== family) {
      const other = to === 'default' ? 'the other next hop' : to
      this.faults.add([...path, 'via'], `${via} and ${other} are of different families`)
      return null
    }
    const found = this.finder.find(hop, path, family)
    return found && { ...found, ...(weight === 1 ? {} : { weight }) }
  }

  private object(nhid: number, wanted: Family | null, path: Path): RouteTarget | null {
    const object = this.objects.find(({ id }) => id === nhid)
    const ids = this.objects.map(({ id }) => String(id))
    const message =
      object === undefined
        ? `${this.node} has no next hop ${nhid}${ids.length === 0 ? '; write it under `nexthops`' : `; it has ${ids.join(', ')}`}`
        : wanted !== null && object.family !== wanted
          ? `next hop ${nhid} is of IPv${object.family}, and the destination of IPv${wanted}`
          : null
    if (object && message === null) return { family: object.family, nextHops: [], nexthopId: nhid }
    this.faults.add([...path, 'nhid'], message ?? '')
    return null
  }

  private source(text: string, family: Family, path: Path): string {
    const source = parsePrefix(text) as Prefix
    if (source.family !== family) this.faults.add([...path, 'source'], `${text} is no IPv${family} address`)
    else if (!this.finder.isOwn(source)) this.faults.add([...path, 'source'], `${text} is no address of ${this.node}`)
    return formatAddress(source.family, source.address)
  }
}

const gatewayFamily = (hops: readonly { via?: string | undefined }[]): Family | null => {
  const via = hops.find((hop) => hop.via !== undefined)?.via
  return via === undefined ? null : familyOf(via)
}

const familyOf = (text: string): Family => (text.includes(':') ? 6 : 4)
