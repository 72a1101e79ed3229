// Checks and resolves the written next-hop objects of a node.

import type { NextHop, ResolvedNexthop } from '../../model/resolved.js'
import type { TopologyNode } from '../schema/topology.js'
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import type { NamedAddresses } from './named-routes.js'
import type { NextHopFinder } from './next-hop-finder.js'

type WrittenNexthop = NonNullable<TopologyNode['nexthops']>[string]

const hopOf = ({ gateway, interface: name, onlink }: NextHop) => ({
  gateway,
  interface: name,
  ...(onlink ? { onlink } : {}),
})

/** Groups come last in the list, since they are made of the other objects. */
export function writtenNexthops(
  written: Record<string, WrittenNexthop>,
  path: Path,
  named: NamedAddresses,
  finder: NextHopFinder,
  faults: Faults,
): ResolvedNexthop[] {
  const simple = new Map<number, ResolvedNexthop>()
  const all = Object.entries(written)
  for (const [key, each] of all) {
    const own = [...path, key]
    const nexthop = named.nexthop(each, own)
    if (nexthop === null) continue
    const { via, dev, onlink, blackhole, family, group } = nexthop
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
      const hop = finder.find({ via, dev, onlink }, own, family ?? (via === undefined ? 4 : null))
      if (hop) simple.set(id, { id, family: hop.family, hop: hopOf(hop) })
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
