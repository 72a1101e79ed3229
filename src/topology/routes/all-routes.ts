// The routes of every node: the written ones, then the computed ones whose destinations have no written route.
import type { ResolvedInterface, ResolvedRoute } from '../../model/resolved.js'
import type { InterfaceAddresses } from '../addresses/interface-addresses.js'
import type { Faults } from '../source/faults.js'
import type { Topology } from '../source/topology.js'
import { bitsOf, isLinkLocal, type Prefix } from '../values/prefix.js'
import type { Segment, SegmentMember } from '../wiring/segments.js'
import { computeRoutes } from './computed-routes.js'
import type { WrittenRouting } from './written-routing.js'

/** Lists the routes of every node, by node. Computes no further ones after a fault. */
export function allRoutes(
  topology: Topology,
  segments: readonly Segment[],
  interfaces: ReadonlyMap<string, readonly ResolvedInterface[]>,
  addresses: InterfaceAddresses,
  written: ReadonlyMap<string, WrittenRouting>,
  faults: Faults,
): Map<string, ResolvedRoute[]> {
  const visitors =
    topology.routing === 'auto' ? visitorRoutes(topology, withoutDown(segments, interfaces), addresses) : null
  const mainTable = new Map([...written].map(([node, { routes }]) => [node, destinationsIn(routes)]))
  const computed =
    topology.routing === 'auto'
      ? computeRoutes(
          topology,
          withoutDown(segments, interfaces),
          addresses,
          (node) => mainTable.get(node) ?? [],
          faults,
        )
      : new Map<string, ResolvedRoute[]>()
  return new Map(
    [...written].map(([node, { routes }]) => {
      const taken = new Set(mainTable.get(node))
      const own = [...(visitors?.get(node) ?? []), ...(computed.get(node) ?? [])].filter(({ destination }) => {
        const isFirst = !taken.has(destination)
        taken.add(destination)
        return isFirst
      })
      return [node, [...routes, ...own]]
    }),
  )
}

/** Routes of interfaces with single addresses to the subnets of their links, which they are on without an address in them. */
function visitorRoutes(
  topology: Topology,
  segments: readonly Segment[],
  addresses: InterfaceAddresses,
): Map<string, ResolvedRoute[]> {
  const routes = new Map<string, ResolvedRoute[]>()
  for (const { members } of segments) {
    for (const family of topology.families) {
      const ofMember = ({ node, interface: name }: SegmentMember) =>
        addresses.of(node, name).filter((each) => each.family === family && !isLinkLocal(family, each.address))
      const isSubnet = ({ length }: Prefix) => length < bitsOf(family)
      const visitors = members.filter((each) => ofMember(each).length > 0 && !ofMember(each).some(isSubnet))
      if (visitors.length === 0) continue
      const subnets = new Set(
        members.flatMap((each) =>
          ofMember(each)
            .filter(isSubnet)
            .map((own) => own.networkText),
        ),
      )
      for (const { node, interface: name } of visitors) {
        const own = [...subnets].map(
          (destination): ResolvedRoute => ({
            ...{ family, destination, nextHops: [{ gateway: null, interface: name }], source: null },
          }),
        )
        routes.set(node, [...(routes.get(node) ?? []), ...own])
      }
    }
  }
  return routes
}

/** The destinations of routes in the main table. */
const destinationsIn = (routes: readonly ResolvedRoute[]): string[] =>
  routes.flatMap(({ table, destination }) => (table === undefined ? [destination] : []))

/** The segments without interfaces that stay down, since no packet is sent by these. */
function withoutDown(
  segments: readonly Segment[],
  interfaces: ReadonlyMap<string, readonly ResolvedInterface[]>,
): readonly Segment[] {
  const down = new Set(
    [...interfaces].flatMap(([node, all]) => all.flatMap(({ name, up }) => (up === false ? [`${node}:${name}`] : []))),
  )
  if (down.size === 0) return segments
  const isUp = ({ node, interface: name }: SegmentMember) => !down.has(`${node}:${name}`)
  return segments.map((segment) => ({ ...segment, members: segment.members.filter(isUp) }))
}
