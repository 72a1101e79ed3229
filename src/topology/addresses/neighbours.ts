// Neighbour entries: the permanent ones of a lab, and warnings where those that ARP and ND make do not fit.

import { FAMILIES, type Family } from '../../model/family.js'
import type { ResolvedInterface, ResolvedNeighbour, ResolvedTopology } from '../../model/resolved.js'
import type { NeighbourTables } from '../../model/source/neighbour-tables.js'
import type { Topology } from '../source/topology.js'
import { interfaceKey } from '../values/interface-key.js'
import { formatAddress } from '../values/prefix.js'
import type { Segment } from '../wiring/segments.js'
import type { Families } from './families.js'
import type { InterfaceAddresses } from './interface-addresses.js'
import { entriesOn, overflows, type PermanentSegments } from './neighbour-tables.js'

/** An address on a segment, the MAC address of the first interface that has it, and the nodes that have it. */
interface KnownAddress {
  family: Family
  address: string
  mac: string
  owners: string[]
}

/** The addresses on a segment. One on several interfaces is there once, as the kernel keeps one entry for it. */
function knownOn(
  { members }: Segment,
  addresses: InterfaceAddresses,
  macs: ReadonlyMap<string, string>,
): KnownAddress[] {
  const known = new Map<string, KnownAddress>()
  for (const { node, interface: name } of members) {
    const mac = macs.get(interfaceKey(node, name))
    if (mac === undefined) continue
    for (const { family, address: number } of addresses.of(node, name)) {
      const address = formatAddress(family, number)
      const other = known.get(address)
      if (other) other.owners.push(node)
      else known.set(address, { family, address, mac, owners: [node] })
    }
  }
  return [...known.values()]
}

/** By node, a permanent entry for every address of other nodes on the same segment, of the families that its interface has. */
function permanentNeighbours(
  segments: readonly Segment[],
  addresses: InterfaceAddresses,
  families: Families,
  macs: ReadonlyMap<string, string>,
  permanent: PermanentSegments,
): Map<string, ResolvedNeighbour[]> {
  const entries = new Map<string, ResolvedNeighbour[]>()
  for (const segment of segments) {
    const wanted = FAMILIES.filter((family) => permanent[family].has(segment))
    if (wanted.length === 0) continue
    const known = knownOn(segment, addresses, macs)
    const alike = new Map<string, SharedNeighbours>()
    for (const { node, interface: name } of segment.members) {
      // The kernel refuses an IPv6 entry on an interface without IPv6.
      const own = wanted.filter((family) => families.has(node, name, family))
      const key = `${name} ${own}`
      const shared = alike.get(key) ?? new SharedNeighbours(name, known, own)
      alike.set(key, shared)
      const list = entries.get(node)
      if (list) list.push(...shared.without(node))
      else entries.set(node, shared.without(node))
    }
  }
  return entries
}

/** The entries of members of a segment whose interfaces have one name and the same families: but for its own, each has all. */
class SharedNeighbours {
  private readonly entries: ResolvedNeighbour[] = []
  /** By node, the places of its own addresses, ascending. */
  private readonly places = new Map<string, number[]>()

  constructor(name: string, known: readonly KnownAddress[], families: readonly Family[]) {
    for (const { family, address, mac, owners } of known) {
      if (!families.includes(family)) continue
      const place = this.entries.push({ interface: name, address, mac }) - 1
      for (const node of owners) this.places.set(node, [...(this.places.get(node) ?? []), place])
    }
  }

  /** Copies the list at once: a LAN of 100 hosts has 19,800 entries. */
  without(node: string): ResolvedNeighbour[] {
    const others = [...this.entries]
    for (const place of (this.places.get(node) ?? []).toReversed()) others.splice(place, 1)
    return others
  }
}

/** By node: the written entries, and one for every other address on the node's segments that have permanent entries. */
export function allNeighbours(
  segments: readonly Segment[],
  addresses: InterfaceAddresses,
  families: Families,
  interfaces: ReadonlyMap<string, readonly ResolvedInterface[]>,
  permanent: PermanentSegments,
  written: ReadonlyMap<string, { neighbours: ResolvedNeighbour[] }>,
): Map<string, ResolvedNeighbour[]> {
  const computed = permanentNeighbours(segments, addresses, families, macsOf(interfaces), permanent)
  return new Map(
    [...written].map(([node, { neighbours: own }]) => {
      const others = computed.get(node) ?? []
      if (own.length === 0) return [node, others]
      const isWritten = (entry: ResolvedNeighbour) =>
        own.some((each) => each.interface === entry.interface && each.address === entry.address)
      return [node, [...own, ...others.filter((each) => !isWritten(each))]]
    }),
  )
}

/** MAC addresses by `NODE:INTERFACE`. A VLAN has that of its parent. */
function macsOf(interfaces: ReadonlyMap<string, readonly ResolvedInterface[]>): Map<string, string> {
  const macs = new Map<string, string>()
  for (const [node, own] of interfaces) {
    for (const { name, mac, settings } of own) {
      const inherited = settings?.kind === 'vlan' ? macs.get(`${node}:${settings.parent}`) : undefined
      const known = mac ?? inherited
      if (known !== undefined) macs.set(`${node}:${name}`, known)
    }
  }
  return macs
}

/** The number of entries that ARP and ND make when every member of a segment talks to every other, by family. */
export function countNeighbours(
  topology: Topology,
  segments: readonly Segment[],
  addresses: InterfaceAddresses,
  permanent: PermanentSegments,
): { ipv4: number; ipv6: number } {
  const count = (family: 4 | 6) =>
    segments
      .filter((segment) => !permanent[family].has(segment))
      .reduce((sum, segment) => sum + entriesOn(topology, segment, addresses, family), 0)
  return { ipv4: count(4), ipv6: count(6) }
}

/**
 * Warns if the neighbour tables of the machine are too small for a lab, or others have filled over half of one: the kernel then
 * fails to make an entry at times, and the first packet to an address is lost or refused with EINVAL. Permanent entries are
 * not limited (neigh_alloc in net/core/neighbour.c).
 *
 * @param tables of the whole machine, before the lab is built
 */
export function neighbourWarnings({ neighbourEntries }: ResolvedTopology, tables: NeighbourTables): string[] {
  return FAMILIES.flatMap((family) => {
    const table = `ipv${family}` as const
    const [needed, limit, used] = [neighbourEntries[table], tables[table], tables.entries[table]]
    if (limit === null || !overflows(needed, limit, used)) return []
    const others = used === null || used === 0 ? '' : `, ${used} of them taken by others`
    const enough = 2 * (needed + (used ?? 0))
    return [
      `this lab needs up to ${needed} IPv${family} neighbour entries, and the machine has room for ${limit}${others}: first ` +
        `packets may be lost; raise it with \`sysctl -w net.${table}.neigh.default.gc_thresh3=${Math.max(enough, 2 * limit)}\`, ` +
        'or write `neighbours: static`',
    ]
  })
}
