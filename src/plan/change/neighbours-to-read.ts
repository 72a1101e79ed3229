// Which neighbours are looked up before a change: those that a topology has, or had. Pure.
import type { ResolvedInterface, ResolvedTopology } from '../../model/resolved.js'

export interface NeighbourToRead {
  index: number
  address: string
}

/**
 * The permanent neighbours of a node that topologies have, at the interfaces of its names that were applied. Those of interfaces that are
 * made anew are in no table yet.
 *
 * @param known the topologies that were applied, with the ifindexes of the running lab
 */
export function neighboursToRead(
  desired: ResolvedTopology,
  known: readonly ResolvedTopology[],
): (node: string) => NeighbourToRead[] {
  const versions = [desired, ...known].map(({ nodes }) => new Map(nodes.map((node) => [node.name, node])))
  return (name) => {
    const found = new Map<number, Set<string>>()
    const applied = versions.slice(1).flatMap((nodes) => nodes.get(name)?.interfaces ?? [])
    for (const { neighbours } of versions.flatMap((nodes) => nodes.get(name) ?? [])) {
      if (neighbours.length === 0) continue
      const indexes = indexesByName(applied)
      for (const { interface: own, address } of neighbours) {
        for (const index of indexes.get(own) ?? []) found.set(index, (found.get(index) ?? new Set()).add(address))
      }
    }
    return [...found].flatMap(([index, addresses]) => [...addresses].map((address) => ({ index, address })))
  }
}

function indexesByName(interfaces: readonly ResolvedInterface[]): Map<string, Set<number>> {
  const indexes = new Map<string, Set<number>>()
  for (const { name, index } of interfaces) indexes.set(name, (indexes.get(name) ?? new Set()).add(index))
  return indexes
}
