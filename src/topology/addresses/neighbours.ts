// Neighbour entries: the permanent ones of a lab, and the number of entries that a full mesh of traffic makes.

import type { ResolvedNeighbour, ResolvedTopology } from '../../model/resolved.js'
import type { Topology } from '../source/topology.js'
import { formatAddress } from '../values/prefix.js'
import type { Segment } from '../wiring/segments.js'
import type { InterfaceAddresses } from './interface-addresses.js'

/** By node, a permanent entry for every address of another node on the same segment. */
function staticNeighbours(
  segments: readonly Segment[],
  addresses: InterfaceAddresses,
  macs: ReadonlyMap<string, string>,
): Map<string, ResolvedNeighbour[]> {
  const entries = new Map<string, ResolvedNeighbour[]>()
  for (const { members } of segments) {
    const known = members.flatMap((member) => {
      const mac = macs.get(`${member.node}:${member.interface}`) as string
      return addresses
        .of(member.node, member.interface)
        .map(({ family, address }) => ({ node: member.node, address: formatAddress(family, address), mac }))
    })
    for (const member of members) {
      const list = entries.get(member.node) ?? []
      entries.set(member.node, list)
      for (const { node, address, mac } of known) {
        if (node !== member.node) list.push({ interface: member.interface, address, mac })
      }
    }
  }
  return entries
}

/** By node: the written entries, and with `neighbours: static` one for every other address on the node's segments. */
export function allNeighbours(
  { neighbours }: Topology,
  segments: readonly Segment[],
  addresses: InterfaceAddresses,
  macs: ReadonlyMap<string, string>,
  written: ReadonlyMap<string, { neighbours: ResolvedNeighbour[] }>,
): Map<string, ResolvedNeighbour[]> {
  const computed = neighbours === 'static' ? staticNeighbours(segments, addresses, macs) : new Map<string, never[]>()
  return new Map(
    [...written].map(([node, { neighbours: own }]) => {
      const isWritten = (entry: ResolvedNeighbour) =>
        own.some((each) => each.interface === entry.interface && each.address === entry.address)
      return [node, [...own, ...(computed.get(node) ?? []).filter((each) => !isWritten(each))]]
    }),
  )
}

/** The number of entries on all LANs when every member talks to every other, by family. */
export function countNeighbours(
  segments: readonly Segment[],
  addresses: InterfaceAddresses,
): { ipv4: number; ipv6: number } {
  const count = (family: 4 | 6) =>
    segments
      .filter((segment) => segment.isLan)
      .map(({ members }) => members.filter((member) => addresses.first(member.node, member.interface, family)).length)
      .reduce((sum, size) => sum + size * (size - 1), 0)
  return { ipv4: count(4), ipv6: count(6) }
}

/**
 * Warns if the neighbour table of the machine (gc_thresh3 in arp(7)) is too small for a full mesh on the lab's LANs.
 *
 * @param limits net.ipv4.neigh.default.gc_thresh3 and net.ipv6.neigh.default.gc_thresh3; null for an unknown limit
 */
export function neighbourWarning(
  { neighbourEntries }: ResolvedTopology,
  limits: { ipv4: number | null; ipv6: number | null },
): string[] {
  return (['ipv4', 'ipv6'] as const)
    .filter((family) => neighbourEntries[family] > (limits[family] ?? Number.POSITIVE_INFINITY))
    .map((family) => {
      const [needed, limit, key] = [neighbourEntries[family], limits[family], `net.${family}.neigh.default.gc_thresh3`]
      return (
        `a full mesh on this lab's LANs needs ${needed} ${family === 'ipv4' ? 'IPv4' : 'IPv6'} neighbour entries, and ` +
        `the machine has room for ${limit}; raise it with \`sysctl -w ${key}=${2 * needed}\`, or write \`neighbours: static\``
      )
    })
}

/**
 * Warns if others fill over half of the machine's neighbour table: the kernel then fails to make an entry at times, and the first
 * packet to an address is lost or refused with EINVAL. Permanent entries are not limited (neigh_alloc in net/core/neighbour.c).
 *
 * @param tables entries of the whole machine, before the lab is built, and the limits of these; null for an unknown number
 */
export function crowdedWarning(topology: ResolvedTopology, { entries, ...limits }: NeighbourTables): string[] {
  return (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const [used, limit, key] = [entries[family], limits[family], `net.${family}.neigh.default.gc_thresh3`]
    if (used === null || limit === null || used <= limit / 2 || !asksNeighbours(topology, family)) return []
    const name = family === 'ipv4' ? 'IPv4' : 'IPv6'
    return [
      `the ${name} neighbour table of the machine has ${used} entries of others, and room for ${limit}: packets of this lab may ` +
        `fail at first; raise it with \`sysctl -w ${key}=${4 * Math.max(used, limit)}\`, or write \`neighbours: static\``,
    ]
  })
}

/** Whether an interface of a link has an address of the family and no permanent neighbour. */
function asksNeighbours({ nodes, links }: ResolvedTopology, family: 'ipv4' | 'ipv6'): boolean {
  const isOfFamily = (address: string) => address.includes(':') === (family === 'ipv6')
  const ends = new Set(links.flatMap(({ endpoints }) => endpoints.map((end) => `${end.node}:${end.interface}`)))
  return nodes.some(({ name: node, interfaces, neighbours }) => {
    const known = new Set(neighbours.flatMap((each) => (isOfFamily(each.address) ? [each.interface] : [])))
    return interfaces.some(
      ({ name, addresses }) => ends.has(`${node}:${name}`) && !known.has(name) && addresses.some(isOfFamily),
    )
  })
}

interface NeighbourTables {
  ipv4: number | null
  ipv6: number | null
  entries: { ipv4: number | null; ipv6: number | null }
}
