// veth pairs: linux/veth.h. Equals `ip link add … type veth peer …`.
import { VETH_INFO_PEER } from './constants.js'
import { createLink, describeLink, type NewLink } from './new-link.js'
import type { Request } from './request.js'

export interface NewVeth extends NewLink {
  /** Of each end, in each direction. Without a number the kernel first makes one a processor: see veth_init_queues. */
  queues: number
  /** ifindex of the bridge that the first end becomes a port of. */
  master?: number
  /** The other end; `netnsFd` is an open descriptor, in this process, of the namespace it goes to. */
  peer: { name: string; index: number; mac: string | null; mtu: number; netnsFd: number }
}

/** Both ends of a pair, in their namespaces, with their final names and indexes. */
export function createVeth(veth: NewVeth): Request {
  return createLink('veth', veth, (writer) => {
    const peer = writer.nest(VETH_INFO_PEER)
    describeLink(writer, { ...veth.peer, queues: veth.queues })
    writer.endNest(peer)
  })
}
