// Next-hop objects, which routes share: RTM_NEWNEXTHOP with struct nhmsg (linux/nexthop.h). Equals `ip nexthop`.
import { AF_INET, AF_INET6, NLM_F_CREATE, NLM_F_EXCL } from './constants.js'
import { addressBytes } from './ip.js'
import type { Request } from './request.js'

const RTM_NEWNEXTHOP = 104
const NHMSG_LENGTH = 8
const AF_UNSPEC = 0
const RTPROT_STATIC = 4
/** NHA_* */
const NHA_ID = 1
const NHA_GROUP = 2
const NHA_BLACKHOLE = 4
const NHA_OIF = 5
const NHA_GATEWAY = 6
/** struct nexthop_grp: id, weight less one, three bytes of padding */
const GROUP_MEMBER_LENGTH = 8

export interface NewNexthop {
  target: string
  id: number
  /** A group is of both families. */
  hop:
    | { family: 4 | 6; gateway: string | null; index: number }
    | { family: 4 | 6; blackhole: true }
    | { group: readonly { id: number; weight: number }[] }
}

/** `ip nexthop add` */
export function addNexthop({ target, id, hop }: NewNexthop): Request {
  return {
    operation: 'add next hop',
    target,
    type: RTM_NEWNEXTHOP,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    encode: (writer) => {
      const start = writer.header(NHMSG_LENGTH)
      writer.buffer.writeUInt8('group' in hop ? AF_UNSPEC : hop.family === 4 ? AF_INET : AF_INET6, start)
      writer.buffer.writeUInt8(RTPROT_STATIC, start + 2)
      writer.u32(NHA_ID, id)
      if ('group' in hop) writer.bytes(NHA_GROUP, groupBytes(hop.group))
      else if ('blackhole' in hop) writer.bytes(NHA_BLACKHOLE, Buffer.alloc(0))
      else {
        if (hop.gateway !== null) writer.bytes(NHA_GATEWAY, addressBytes(hop.gateway))
        writer.u32(NHA_OIF, hop.index)
      }
    },
  }
}

function groupBytes(members: readonly { id: number; weight: number }[]): Buffer {
  const bytes = Buffer.alloc(GROUP_MEMBER_LENGTH * members.length)
  members.forEach(({ id, weight }, at) => {
    bytes.writeUInt32LE(id, GROUP_MEMBER_LENGTH * at)
    bytes.writeUInt8(weight - 1, GROUP_MEMBER_LENGTH * at + 4)
  })
  return bytes
}
