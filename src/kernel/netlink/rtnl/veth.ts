// veth pairs: linux/veth.h. Equals `ip link add … type veth peer …`.
import { VETH_INFO_PEER } from './constants.js'
import { createLink, describeLink, type NewLink } from './new-link.js'
import type { Request } from './request.js'

export interface NewVeth extends NewLink {
  /** ifindex of the bridge that the first end becomes a port of. */
  master?: number
  /** The other end; `netnsFd` is an open descriptor, in this process, of the namespace it goes to. */
  peer: { name: string; index: number; mac: string | null; mtu: number; netnsFd: number }
}

/**
 * Of each end, in each direction. The kernel uses one unless told otherwise, but makes room for one a processor, and parts with
 * the others again (veth_init_queues, drivers/net/veth.c): it waits for all processors, twice a pair, with everybody
 * else's requests waiting behind it. Said beforehand, there is nothing to part with.
 */
const QUEUES = 1

/** Both ends of a pair, in their namespaces, with their final names and indexes. */
export function createVeth(veth: NewVeth): Request {
  return createLink('veth', { ...veth, queues: QUEUES }, (writer) => {
    const peer = writer.nest(VETH_INFO_PEER)
    describeLink(writer, { ...veth.peer, queues: QUEUES })
    writer.endNest(peer)
  })
}
