// Checks and resolves the written next-hop objects of a node.

import type { ResolvedNexthop } from '../../model/resolved.js'
import type { TopologyNode } from '../schema/topology.js'
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import type { NextHopFinder } from './next-hop-finder.js'

type WrittenNexthop = NonNullable<TopologyNode['nexthops']>[string]

/** Groups come last in the list, since they are made of the other objects. */
export function writtenNexthops(
  written: Record<string, WrittenNexthop>,
  path: Path,
  finder: NextHopFinder,
  faults: Faults,
): ResolvedNexthop[] {
  const simple = new Map<number, ResolvedNexthop>()
  const all = Object.entries(written)
  for (const [key, nexthop] of all) {
    const { via, dev, blackhole, family, group } = nexthop
    const own = [...path, key]
    const id = Number(key)
    const kinds = [group && 'group', blackhole && 'blackhole', (via ?? dev) !== undefined && 'via'].filter(Boolean)
    if (kinds.length !== 1) {
      faults.add(
        own,
        kinds.length === 0
          ? 'a next hop has `via`, `dev`, `blackhole` or `group`'
          : 'a next hop has `via` and `dev`, or `blackhole`, or `group`',
        'key',
      )
    } else if (blackhole) simple.set(id, { id, family: family ?? 4, blackhole: true })
    else if (!group) {
      const hop = finder.find({ via, dev }, own, family ?? (via === undefined ? 4 : null))
      if (hop) simple.set(id, { id, family: hop.family, hop: { gateway: hop.gateway, interface: hop.interface } })
    }
  }
  const groups = all.flatMap(([key, { group }]): ResolvedNexthop[] => {
    if (!group) return []
    const members = Object.entries(group).flatMap(([member, weight]) => {
      const object = simple.get(Number(member))
      if (object) return [{ ...object, weight }]
      const isGroup = written[member]?.group !== undefined
      const message = isGroup ? `${member} is a group, which cannot be in a group` : `there is no next hop ${member}`
      faults.add([...path, key, 'group', member], message, 'key')
      return []
    })
    const [first] = members
    if (!first) {
      if (Object.keys(group).length === 0) faults.add([...path, key, 'group'], 'a group has at least one member')
      return []
    }
    const blackhole = members.find((each) => 'blackhole' in each)
    if (blackhole && members.length > 1) {
      const message = `next hop ${blackhole.id} is a blackhole, which can only be in a group alone`
      faults.add([...path, key, 'group', String(blackhole.id)], message, 'key')
    }
    for (const { id, family } of members) {
      if (family === first.family) continue
      faults.add(
        [...path, key, 'group', String(id)],
        `next hops ${first.id} and ${id} are of different families`,
        'key',
      )
    }
    return [{ id: Number(key), family: first.family, group: members.map(({ id, weight }) => ({ id, weight })) }]
  })
  return [...simple.values(), ...groups]
}
