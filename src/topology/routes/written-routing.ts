// What the user wrote of every node's routes, next-hop objects, rules and neighbours, checked.
import type { ResolvedInterface, ResolvedNeighbour, ResolvedRule } from '../../model/resolved.js'
import type { InterfaceAddresses } from '../addresses/interface-addresses.js'
import type { Faults } from '../source/faults.js'
import type { Topology } from '../source/topology.js'
import type { Stacks } from '../wiring/node-stack.js'
import { NextHopFinder } from './next-hop-finder.js'
import { type WrittenPaths, writtenPaths } from './written-routes.js'
import { writtenNeighbours, writtenRules } from './written-rules.js'

export interface NodePaths extends WrittenPaths {
  rules: ResolvedRule[]
  neighbours: ResolvedNeighbour[]
}

/** By node. @param interfaces of every node */
export function readPaths(
  topology: Topology,
  interfaces: ReadonlyMap<string, readonly ResolvedInterface[]>,
  addresses: InterfaceAddresses,
  stacks: Stacks,
  faults: Faults,
): Map<string, NodePaths> {
  return new Map(
    [...topology.nodes].map(([node, { rules, neighbours }]) => {
      const own = interfaces.get(node) ?? []
      const names = own.map(({ name }) => name)
      const down = own.flatMap(({ name, up }) => (up === false ? [name] : []))
      const finder = new NextHopFinder(node, names, down, addresses, faults)
      return [
        node,
        {
          ...writtenPaths(topology, node, finder, addresses, stacks, faults),
          rules: writtenRules(rules, ['nodes', node, 'rules'], topology.families, finder, faults),
          neighbours: writtenNeighbours(neighbours, ['nodes', node, 'neighbours'], finder, faults),
        },
      ]
    }),
  )
}
