// veth pairs: linux/veth.h. Equals `ip link add … type veth peer …`.
import { IFLA_LINK, IFLA_NUM_TX_QUEUES, VETH_INFO_PEER } from './constants.js'
import { createLink, describeLink, type NewLink } from './new-link.js'
import type { Attributes } from './reader.js'
import type { Request } from './request.js'

export interface NewVeth extends NewLink {
  /** Number of queues of each end, in each direction. */
  queues: number
  /** ifindex of the bridge that the first end becomes a port of. */
  master?: number
  /** The other end; `netnsFd` is an open descriptor, in this process, of its network namespace. */
  peer: {
    name: string
    index: number
    mac: string | null
    mtu: number
    netnsFd: number
    gsoMaxSegs?: number | undefined
  }
  gsoMaxSegs?: number | undefined
}

/** Makes both ends of a pair, each in its network namespace, with its final name and ifindex. */
export function createVeth(veth: NewVeth): Request {
  return createLink('veth', veth, (writer) => {
    const peer = writer.nest(VETH_INFO_PEER)
    describeLink(writer, { ...veth.peer, queues: veth.queues })
    writer.endNest(peer)
  })
}

/** The kernel reports each end as a link of its own. Of the peer, it reports only the ifindex in the peer's namespace. */
export interface VethSettings {
  queues: number
  peer: { index: number }
}

export const readVeth = (_: Attributes, link: Attributes): VethSettings => ({
  queues: link.u32(IFLA_NUM_TX_QUEUES),
  peer: { index: link.u32(IFLA_LINK) },
})
