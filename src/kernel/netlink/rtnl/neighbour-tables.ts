// What the kernel's neighbour tables count: RTM_GETNEIGHTBL with struct ndtmsg (linux/neighbour.h). Equals `ip ntable`. The kernel has
// one table a family for all namespaces, and to list the neighbours of one of them it walks all of its buckets, whose number
// never shrinks. So a reader that expects none asks for these counts first.
import { AF_INET, AF_INET6, NLM_F_DUMP } from './constants.js'
import { Attributes } from './reader.js'
import type { Request } from './request.js'

const RTM_GETNEIGHTBL = 66
const NDTMSG_LENGTH = 4
const NDTA_CONFIG = 5
const NDTA_PARMS = 6
/** ndtc_hash_mask of struct ndt_config: the number of buckets less one. */
const HASH_MASK = 20
const NDTPA_IFINDEX = 1
const NDTPA_REFCNT = 2

/** Counts of one interface, or, without an index, what holds for the whole table of a family. */
export interface NeighbourCount {
  family: 4 | 6
  /** ifindex; null in the message about the table. */
  index: number | null
  /** How many neighbours the interface has: each holds a reference on its parameters (neigh_create in net/core/neighbour.c). */
  neighbours: number
  /** Buckets of the table; 0 in the message about an interface. */
  buckets: number
}

export const listNeighbourCounts = (): Request => ({
  ...{ operation: 'count neighbours', target: 'all', type: RTM_GETNEIGHTBL, flags: NLM_F_DUMP },
  encode: (writer) => writer.header(NDTMSG_LENGTH),
})

/** Reads the payload of an RTM_NEWNEIGHTBL; undefined for a table of another family. */
export function parseNeighbourCount(payload: Buffer): NeighbourCount | undefined {
  if (payload[0] !== AF_INET && payload[0] !== AF_INET6) return undefined
  const attributes = new Attributes(payload, NDTMSG_LENGTH)
  const config = attributes.get(NDTA_CONFIG)
  const parms = attributes.get(NDTA_PARMS)
  const own = parms && new Attributes(parms)
  const isTable = config !== undefined && config.length >= HASH_MASK + 4
  return {
    family: payload[0] === AF_INET ? 4 : 6,
    index: isTable ? null : (own?.u32(NDTPA_IFINDEX) ?? 0),
    neighbours: isTable ? 0 : Math.max(0, (own?.u32(NDTPA_REFCNT) ?? 1) - 1),
    buckets: isTable ? config.readUInt32LE(HASH_MASK) + 1 : 0,
  }
}
