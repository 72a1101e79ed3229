// The machine's neighbour tables (arp(7)), and which segments of a lab get permanent entries so that these do not overflow. A
// table that is full makes sending fail with EINVAL, and the first packets to an address are lost.
import { FAMILIES, type Family } from '../../model/family.js'
import type { NeighbourTables } from '../../model/source/neighbour-tables.js'
import type { Faults } from '../source/faults.js'
import type { Topology } from '../source/topology.js'
import { MAX_NEIGHBOURS } from '../values/limits.js'
import type { Segment } from '../wiring/segments.js'
import type { InterfaceAddresses } from './interface-addresses.js'

/** The kernel's own limit, gc_thresh3 in net/ipv4/arp.c and net/ipv6/ndisc.c. */
const DEFAULT_LIMIT = 1024

/** Those of a machine of which nothing is known. */
export const DEFAULT_TABLES: NeighbourTables = {
  ...{ ipv4: DEFAULT_LIMIT, ipv6: DEFAULT_LIMIT },
  entries: { ipv4: 0, ipv6: 0 },
}

/**
 * The most permanent entries that `neighbours: auto` makes. This many take about 0.2 s and 100 MB of kernel memory; a LAN of
 * 1,000 hosts would need 2 million.
 */
const MOST_PERMANENT = 100_000

/** The segments whose members get permanent entries, by family. */
export type PermanentSegments = Record<Family, ReadonlySet<Segment>>

/** Whether a table has no room for this many entries, or others have filled half of it, above which the kernel drops entries. */
export function overflows(needed: number, limit: number | null, used: number | null): boolean {
  const most = limit ?? DEFAULT_LIMIT
  const taken = used ?? 0
  return needed > 0 && (needed > most - taken || taken > most / 2)
}

/**
 * The entries that ARP or ND makes on a segment when every member talks to every other one. A router asks from its link-local
 * address for the packets that it forwards, and whoever it asks makes an entry for that (ndisc_solicit in net/ipv6/ndisc.c).
 */
export function entriesOn(
  topology: Topology,
  { members }: Segment,
  addresses: InterfaceAddresses,
  family: Family,
): number {
  const talking = members.filter(({ node, interface: name }) => addresses.first(node, name, family) !== undefined)
  const isRouter = ({ node }: { node: string }) => topology.nodes.get(node)?.kind === 'router'
  const routers = family === 6 ? talking.filter(isRouter).length : 0
  return (talking.length + routers) * Math.max(0, talking.length - 1)
}

/** Chooses the segments that get permanent entries: with `neighbours: auto`, the small ones first. */
export function choosePermanent(
  topology: Topology,
  segments: readonly Segment[],
  addresses: InterfaceAddresses,
  tables: NeighbourTables,
): PermanentSegments {
  if (topology.neighbours === 'static') return { 4: new Set(segments), 6: new Set(segments) }
  const chosen: Record<Family, Set<Segment>> = { 4: new Set(), 6: new Set() }
  if (topology.neighbours === 'dynamic') return chosen
  let room = MOST_PERMANENT
  for (const family of FAMILIES) {
    const sized = segments.map((segment) => ({ segment, size: entriesOn(topology, segment, addresses, family) }))
    const needed = sized.reduce((sum, { size }) => sum + size, 0)
    const key = `ipv${family}` as const
    if (!overflows(needed, tables[key], tables.entries[key])) continue
    for (const { segment, size } of sized.toSorted((a, b) => a.size - b.size)) {
      room -= size
      if (room < 0) break
      if (size > 0) chosen[family].add(segment)
    }
  }
  return chosen
}

/** A lab with `neighbours: static` may be so large that its entries take gigabytes. */
export function refuseTooManyPermanent(
  topology: Topology,
  segments: readonly Segment[],
  addresses: InterfaceAddresses,
  permanent: PermanentSegments,
  faults: Faults,
): void {
  let count = 0
  for (const family of FAMILIES)
    for (const segment of segments)
      if (permanent[family].has(segment)) count += entriesOn(topology, segment, addresses, family)
  if (count <= MAX_NEIGHBOURS) return
  const message = `the nodes of this lab would have over ${MAX_NEIGHBOURS} permanent neighbours; \`neighbours: auto\` makes fewer`
  faults.add(['neighbours'], message)
}

/** Tells of the permanent entries that `neighbours: auto` makes. */
export function permanentNotes({ neighbours }: Topology, permanent: PermanentSegments): string[] {
  const families = FAMILIES.filter((family) => permanent[family].size > 0).map((family) => `IPv${family}`)
  if (neighbours !== 'auto' || families.length === 0) return []
  return [
    `nodes have permanent ${families.join(' and ')} neighbour entries, since the machine's neighbour table has no room for ` +
      'those of this lab; `neighbours: dynamic` does without',
  ]
}
