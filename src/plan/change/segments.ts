// The most segments of a packet at the ends of links, which depend on the emulations of all links. Pure.
import type { ResolvedInterface, ResolvedTopology } from '../../model/resolved.js'
import { hasTunnels, segmentsOfEnds } from '../emulation/segments.js'
import type { Plan } from '../plan.js'
import { placeKey } from './facts/fact.js'

/** Sets them in a plan. @param emulated what emulates each link of the topology */
export function setSegments(
  { nodes }: Plan,
  target: ResolvedTopology,
  emulated: Parameters<typeof segmentsOfEnds>[0],
): void {
  const interfaces = new Map(
    target.nodes.flatMap(({ name, interfaces: own }) =>
      own.map((each): [string, ResolvedInterface] => [`${name}:${each.name}`, each]),
    ),
  )
  const endAt = (link: number, side: 0 | 1) => {
    const end = target.links[link]?.endpoints[side]
    return interfaces.get(`${end?.node}:${end?.interface}`)
  }
  const limits = segmentsOfEnds(emulated, hasTunnels(target), (link, side) => endAt(link, side)?.mtu ?? 0)
  const byPlace = new Map<string, number | null>()
  for (const [link, ends] of limits.entries()) {
    for (const side of [0, 1] as const) {
      const node = target.links[link]?.endpoints[side].node ?? ''
      byPlace.set(placeKey({ node, index: endAt(link, side)?.index ?? 0 }), ends[side])
    }
  }
  for (const op of nodes.flatMap(({ devices }) => devices)) {
    if (op.op !== 'veth.add') continue
    for (const end of [op, op.peer]) {
      const limit = byPlace.get(placeKey(end))
      if (limit) end.gsoMaxSegs = limit
      else delete end.gsoMaxSegs
    }
  }
}
