// The routes of every node: the written ones, then the computed ones whose destination is not written.
import type { ResolvedInterface, ResolvedRoute } from '../../model/resolved.js'
import type { InterfaceAddresses } from '../addresses/interface-addresses.js'
import type { Topology } from '../source/topology.js'
import type { Segment, SegmentMember } from '../wiring/segments.js'
import { computeRoutes } from './computed-routes.js'
import type { NodePaths } from './written-routing.js'

/** By node. */
export function allRoutes(
  topology: Topology,
  segments: readonly Segment[],
  interfaces: ReadonlyMap<string, readonly ResolvedInterface[]>,
  addresses: InterfaceAddresses,
  paths: ReadonlyMap<string, NodePaths>,
): Map<string, ResolvedRoute[]> {
  const mainTable = new Map([...paths].map(([node, { routes }]) => [node, destinationsIn(routes)]))
  const computed =
    topology.routing === 'auto'
      ? computeRoutes(topology, withoutDown(segments, interfaces), addresses, (node) => mainTable.get(node) ?? [])
      : new Map<string, ResolvedRoute[]>()
  return new Map(
    [...paths].map(([node, { routes }]) => {
      const written = new Set(mainTable.get(node))
      return [node, [...routes, ...(computed.get(node) ?? []).filter(({ destination }) => !written.has(destination))]]
    }),
  )
}

/** Destinations of the main table. */
const destinationsIn = (routes: readonly ResolvedRoute[]): string[] =>
  routes.flatMap(({ table, destination }) => (table === undefined ? [destination] : []))

/** Nothing is sent by an interface that stays down. */
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
