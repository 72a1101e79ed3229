// The MTU of a network that is stretched by tunnels: what fits through the tunnels is what hosts on it must not exceed, since a
// bridge drops larger packets without an answer.
import type { Topology } from '../source/topology.js'
import { interfaceKey } from '../values/interface-key.js'
import { isMtuWritten } from '../wiring/end-settings.js'
import type { Segment } from '../wiring/segments.js'

/** By `NODE:INTERFACE`. */
export interface StretchedMtus {
  /** The MTU that an interface has at most, unless its own is written. */
  most: ReadonlyMap<string, number>
  /** The MTU of the tunnels: they are sent by the interfaces that they do not stretch. */
  tunnels: ReadonlyMap<string, number>
}

/**
 * The MTUs of networks that tunnels stretch.
 *
 * @param mtuOf the MTU of a tunnel
 */
export function stretchedMtus(
  topology: Topology,
  segments: readonly Segment[],
  mtuOf: (node: string, name: string) => number,
): StretchedMtus {
  const most = new Map<string, number>()
  const ofTunnels = new Map<string, number>()
  for (const { tunnels, links, members } of segments) {
    if (tunnels.length === 0) continue
    const limit = Math.min(...tunnels.map(({ node, interface: name }) => mtuOf(node, name)))
    const ends = links.flatMap((link) => link.ends.filter((end) => !isMtuWritten(topology, link, end)))
    const isEnd = new Set(links.flatMap((link) => link.ends.map((end) => interfaceKey(end.node, end.interface))))
    const others = members.filter(({ node, interface: name }) => !isEnd.has(interfaceKey(node, name)))
    for (const { node, interface: name } of [...ends, ...others]) most.set(interfaceKey(node, name), limit)
    for (const { node, interface: name } of tunnels) ofTunnels.set(interfaceKey(node, name), mtuOf(node, name))
  }
  return { most, tunnels: ofTunnels }
}
