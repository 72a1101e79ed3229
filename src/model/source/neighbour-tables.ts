// The machine's neighbour tables (arp(7)), as they decide what a topology means. Pure data, JSON-safe.

/** All network namespaces of the machine share one table of each family. */
export interface NeighbourTables {
  /** net.ipv4.neigh.default.gc_thresh3; null if it is unknown. */
  ipv4: number | null
  /** net.ipv6.neigh.default.gc_thresh3; null if it is unknown. */
  ipv6: number | null
  /** Entries of others in the tables; null if they cannot be counted. */
  entries: { ipv4: number | null; ipv6: number | null }
}
