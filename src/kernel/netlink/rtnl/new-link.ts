// The request that makes a device: RTM_NEWLINK with struct ifinfomsg, then IFLA_LINKINFO with the kind's own attributes
// (rtnetlink(7), linux/if_link.h). Equals `ip link add … type KIND`. Each kind has a file of its own, which writes and
// reads those attributes.
import type { KernelLinkKind } from '../../../features.js'
import {
  IFINFOMSG_LENGTH,
  IFLA_ADDRESS,
  IFLA_GSO_MAX_SEGS,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_LINK,
  IFLA_LINKINFO,
  IFLA_MASTER,
  IFLA_MTU,
  IFLA_NET_NS_FD,
  IFLA_NUM_RX_QUEUES,
  IFLA_NUM_TX_QUEUES,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RTM_NEWLINK,
} from './constants.js'
import { macBytes } from './ip.js'
import type { Request } from './request.js'
import type { MessageWriter } from './writer.js'

/** What every new device is given, whatever its kind. */
export interface NewLink {
  target: string
  name: string
  /** ifindex. */
  index: number
  /** null lets the kernel choose. */
  mac: string | null
  mtu: number
}

/** Attributes of an RTM_NEWLINK outside IFLA_LINKINFO. */
export type Description = Omit<NewLink, 'target'> & {
  /** ifindex of the bridge that it becomes a port of. */
  master?: number
  /** An open descriptor, in this process, of its network namespace; the socket's own namespace when left out. */
  netnsFd?: number
  /** ifindex of the device below it. */
  parent?: number
  /** Number of queues in each direction; the kind's default when left out. */
  queues?: number
  /** Most segments that a packet may have which the device is left to cut (GSO); the kernel's default when left out. */
  gsoMaxSegs?: number | undefined
}

/**
 * A request that makes a device of a kind.
 *
 * @param describeKind writes the kind's own attributes (IFLA_INFO_DATA); left out for a kind without any
 */
export function createLink(
  kind: KernelLinkKind,
  link: Description & { target: string },
  describeKind?: (writer: MessageWriter) => void,
): Request {
  return {
    operation: `create ${kind}`,
    target: link.target,
    type: RTM_NEWLINK,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    encode: (writer) => {
      describeLink(writer, link)
      const info = writer.nest(IFLA_LINKINFO)
      writer.bytes(IFLA_INFO_KIND, Buffer.from(kind))
      if (describeKind) {
        const data = writer.nest(IFLA_INFO_DATA)
        describeKind(writer)
        writer.endNest(data)
      }
      writer.endNest(info)
    },
  }
}

/** Writes the header, and the attributes that are the same for all kinds. */
export function describeLink(writer: MessageWriter, link: Description): void {
  const { name, index, mac, mtu, master, netnsFd, parent, queues, gsoMaxSegs } = link
  const start = writer.header(IFINFOMSG_LENGTH)
  writer.buffer.writeInt32LE(index, start + 4)
  if (mac !== null) writer.bytes(IFLA_ADDRESS, macBytes(mac))
  writer.u32(IFLA_MTU, mtu)
  if (queues !== undefined) {
    writer.u32(IFLA_NUM_TX_QUEUES, queues)
    writer.u32(IFLA_NUM_RX_QUEUES, queues)
  }
  if (gsoMaxSegs !== undefined) writer.u32(IFLA_GSO_MAX_SEGS, gsoMaxSegs)
  if (master !== undefined) writer.u32(IFLA_MASTER, master)
  if (netnsFd !== undefined) writer.u32(IFLA_NET_NS_FD, netnsFd)
  if (parent !== undefined) writer.u32(IFLA_LINK, parent)
  writer.text(IFLA_IFNAME, name)
}
