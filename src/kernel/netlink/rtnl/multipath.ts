// Next hops of routes: struct rtnexthop in RTA_MULTIPATH, and the attributes of one (rtnetlink(7)).
import { RTA_GATEWAY, RTA_MULTIPATH, RTA_VIA } from './constants.js'
import { addressBytes, addressText } from './ip.js'
import { Attributes } from './reader.js'
import { align, type MessageWriter } from './writer.js'

/** struct rtnexthop; linux/rtnetlink.h */
const RTNEXTHOP_LENGTH = 8
/** The flag of a next hop whose gateway is on the link whatever the addresses are; linux/rtnetlink.h */
export const RTNH_F_ONLINK = 4

export interface NextHop {
  /** null is on-link. */
  gateway: string | null
  /** ifindex. */
  index: number
  /** 1 to 256; 1 by default. */
  weight?: number | undefined
  /** The gateway is on the link, whatever the addresses of the interface are. */
  onlink?: true | undefined
}

/** Writes each next hop as a struct rtnexthop with its own attributes. */
export function writeMultipath(writer: MessageWriter, nextHops: readonly NextHop[]): void {
  const paths = writer.nest(RTA_MULTIPATH)
  for (const { gateway, index, weight = 1, onlink } of nextHops) {
    const start = writer.header(RTNEXTHOP_LENGTH)
    if (onlink) writer.buffer.writeUInt8(RTNH_F_ONLINK, start + 2)
    writer.buffer.writeUInt8(weight - 1, start + 3)
    writer.buffer.writeInt32LE(index, start + 4)
    if (gateway !== null) writer.bytes(RTA_GATEWAY, addressBytes(gateway))
    writer.buffer.writeUInt16LE(writer.length - start, start)
  }
  writer.endNest(paths)
}

/** Reads RTA_MULTIPATH. */
export function multipathOf(paths: Buffer): (NextHop & { weight: number })[] {
  const hops: (NextHop & { weight: number })[] = []
  for (let at = 0; at + RTNEXTHOP_LENGTH <= paths.length; ) {
    const length = paths.readUInt16LE(at)
    if (length < RTNEXTHOP_LENGTH) break
    const attributes = new Attributes(paths.subarray(at, at + length), RTNEXTHOP_LENGTH)
    hops.push({
      gateway: gatewayOf(attributes),
      index: paths.readInt32LE(at + 4),
      weight: paths.readUInt8(at + 3) + 1,
      ...onlinkOf(paths.readUInt8(at + 2)),
    })
    at += align(length)
  }
  return hops
}

export const onlinkOf = (flags: number): { onlink?: true } => (flags & RTNH_F_ONLINK ? { onlink: true } : {})

/** RTA_VIA: an IPv4 route over an IPv6 neighbour (struct rtvia: a family, then the address). */
export function gatewayOf(attributes: Attributes): string | null {
  const gateway = attributes.get(RTA_GATEWAY) ?? attributes.get(RTA_VIA)?.subarray(2)
  return gateway ? addressText(gateway) : null
}
