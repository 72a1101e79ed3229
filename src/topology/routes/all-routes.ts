// The routes of every node: the written ones, then the computed ones whose destinations have no written route.
import type { ResolvedInterface, ResolvedRoute } from '../../model/resolved.js'
import type { InterfaceAddresses } from '../addresses/interface-addresses.js'
import type { Faults } from '../source/faults.js'
import type { Topology } from '../source/topology.js'
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
      return [node, [...routes, ...(computed.get(node) ?? []).filter(({ destination }) => !taken.has(destination))]]
    }),
  )
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
