// The veth pairs of links: one a link, or two where the lab's wire is between its ends.
import type { EmulatedLink } from '../model/impairment.js'
import type { Endpoint, ResolvedInterface, ResolvedLink } from '../model/resolved.js'
import { endText, WIRE_MTU, WIRE_NODE, wireIndexes, wireNames } from './emulation/links.js'
import { segmentsOfEnds } from './emulation/segments.js'
import type { LinkUp, VethAdd } from './op.js'
import type { NodePlan, WirePlan } from './plan.js'

/**
 * Transmit and receive queues of a veth. By default the kernel makes one for each processor and removes the others again, for
 * which it waits for all processors twice a pair while it holds route netlink's lock.
 */
export const VETH_QUEUES = 1

/**
 * Veth pairs by the node of their first end.
 *
 * @param hasTunnels whether an interface of the lab wraps packets
 * @param interfaceAt the interface at an end of a link
 */
export function vethPairs(
  links: readonly ResolvedLink[],
  emulated: readonly (EmulatedLink | null)[],
  hasTunnels: boolean,
  interfaceAt: (end: Endpoint) => Pick<ResolvedInterface, 'index' | 'mac' | 'mtu'>,
): Map<string, VethAdd[]> {
  const segments = segmentsOfEnds(
    emulated,
    hasTunnels,
    (link, side) => interfaceAt((links[link] as ResolvedLink).endpoints[side]).mtu,
  )
  const pairs = links.flatMap((link, place): VethAdd[] => {
    const own = emulated[place] ?? null
    const number = link.number ?? place
    const [a, b] = link.endpoints.map((end, side) => {
      const { index, mac, mtu } = interfaceAt(end)
      const gsoMaxSegs = segments[place]?.[side] ?? null
      return { node: end.node, interface: end.interface, index, mac, mtu, ...(gsoMaxSegs ? { gsoMaxSegs } : {}) }
    }) as [VethAdd['peer'], VethAdd['peer']]
    const pair = (end: VethAdd['peer'], peer: VethAdd['peer']): VethAdd => {
      const { gsoMaxSegs, ...rest } = end
      return { op: 'veth.add', ...rest, queues: VETH_QUEUES, ...(gsoMaxSegs ? { gsoMaxSegs } : {}), peer }
    }
    if (own?.backend !== 'wire') return [pair(a, b)]
    const wired = link.number ?? number
    const [first, second] = [0, 1].map((side) => ({
      ...{ node: WIRE_NODE, interface: wireNames(wired)[side] as string, index: wireIndexes(wired)[side] as number },
      ...{ mac: null, mtu: WIRE_MTU },
    })) as [VethAdd['peer'], VethAdd['peer']]
    return [pair(a, first), pair(b, second)]
  })
  const byNode = new Map<string, VethAdd[]>()
  for (const pair of pairs) {
    const own = byNode.get(pair.node)
    if (own) own.push(pair)
    else byNode.set(pair.node, [pair])
  }
  return byNode
}

/** null for a lab without a wire. */
export function wirePlan(links: readonly ResolvedLink[], emulated: readonly (EmulatedLink | null)[]): WirePlan | null {
  const carried = emulated.flatMap((own, place) => {
    if (own?.backend !== 'wire') return []
    const { endpoints, number: link = place } = links[place] as ResolvedLink
    const ends = endpoints.map(endText) as [string, string]
    return [{ link, ends, indexes: wireIndexes(link), emulation: own.emulation }]
  })
  return carried.length === 0 ? null : { links: carried }
}

/** The wire as a node of the plan: its ends come up, and run when those of the nodes are up. */
export function wireNode({ links }: WirePlan): NodePlan {
  const ups = links.flatMap(({ link, indexes }) =>
    wireNames(link).map(
      (name, side): LinkUp => ({ op: 'link.up', node: WIRE_NODE, interface: name, index: indexes[side] as number }),
    ),
  )
  return {
    ...{ node: WIRE_NODE, add: null, remove: [], devices: [], whole: [], running: [] },
    interfaces: ups.map((up) => ({ interface: up.interface, config: [up] })),
  }
}
