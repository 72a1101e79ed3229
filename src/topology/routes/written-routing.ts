// Checks and resolves the written routes, next-hop objects, rules and neighbours of every node.
import type {
  ResolvedInterface,
  ResolvedNeighbour,
  ResolvedNexthop,
  ResolvedRoute,
  ResolvedRule,
} from '../../model/resolved.js'
import type { Families } from '../addresses/families.js'
import type { InterfaceAddresses } from '../addresses/interface-addresses.js'
import type { Faults } from '../source/faults.js'
import type { Topology } from '../source/topology.js'
import type { Stacks } from '../wiring/node-stack.js'
import type { Segment } from '../wiring/segments.js'
import { NamedAddresses } from './named-routes.js'
import { NextHopFinder } from './next-hop-finder.js'
import { NodeNames } from './node-names.js'
import { writtenNeighbours } from './written-neighbours.js'
import { writtenNexthops } from './written-nexthops.js'
import { writtenRoutes } from './written-routes.js'
import { writtenRules } from './written-rules.js'

export interface WrittenRouting {
  routes: ResolvedRoute[]
  nexthops: ResolvedNexthop[]
  rules: ResolvedRule[]
  neighbours: ResolvedNeighbour[]
}

/** By node. @param interfaces the interfaces of every node, with their addresses */
export function readWrittenRouting(
  topology: Topology,
  interfaces: ReadonlyMap<string, readonly ResolvedInterface[]>,
  segments: readonly Segment[],
  addresses: InterfaceAddresses,
  families: Families,
  stacks: Stacks,
  faults: Faults,
): Map<string, WrittenRouting> {
  const names = new NodeNames(topology, segments, interfaces, addresses)
  return new Map(
    [...topology.nodes].map(([node, { routes, nexthops = {}, rules, neighbours }]) => {
      const path = ['nodes', node]
      const own = interfaces.get(node) ?? []
      const down = own.flatMap(({ name, up }) => (up === false ? [name] : []))
      const finder = new NextHopFinder(
        node,
        own.map(({ name }) => name),
        down,
        addresses,
        families,
        () => names.neighboursOf(node),
        faults,
      )
      const ownFamilies = families.ofNode(node)
      const named = new NamedAddresses(node, ownFamilies, names, faults)
      const objects = writtenNexthops(nexthops, [...path, 'nexthops'], named, finder, faults)
      const written: WrittenRouting = {
        routes: writtenRoutes(routes, node, objects, named, finder, addresses, stacks, faults),
        nexthops: objects,
        rules: writtenRules(rules, [...path, 'rules'], ownFamilies, named, finder, faults),
        neighbours: writtenNeighbours(neighbours, [...path, 'neighbours'], named, finder, faults),
      }
      return [node, written]
    }),
  )
}
