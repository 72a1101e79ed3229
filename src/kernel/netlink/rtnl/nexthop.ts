// Next-hop objects, which routes share: RTM_*NEXTHOP with struct nhmsg (linux/nexthop.h). Equals `ip nexthop`.
import { AF_INET, AF_INET6, AF_UNSPEC, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REPLACE } from './constants.js'
import { addressBytes, addressText } from './ip.js'
import { onlinkOf, RTNH_F_ONLINK } from './multipath.js'
import { type Protocol, protocolName, RTPROT } from './protocol.js'
import { Attributes } from './reader.js'
import type { Reported } from './reported.js'
import type { Request } from './request.js'

export const RTM_NEWNEXTHOP = 104
export const RTM_DELNEXTHOP = 105
const RTM_GETNEXTHOP = 106
export const NHMSG_LENGTH = 8
/** NHA_* */
const NHA_ID = 1
export const NHA_GROUP = 2
const NHA_BLACKHOLE = 4
const NHA_OIF = 5
const NHA_GATEWAY = 6
/** struct nexthop_grp: id, weight less one in two bytes (in one before Linux 6.12), two bytes of padding */
const GROUP_MEMBER_LENGTH = 8

interface GroupMember {
  id: number
  /** 1 to 256 */
  weight: number
}

export interface NexthopSettings {
  id: number
  /** Which program or part of the kernel made it. */
  protocol: Protocol
  /** A null gateway is on-link. A group is of both families. */
  hop:
    | { family: 4 | 6; gateway: string | null; index: number; onlink?: true | undefined }
    | { family: 4 | 6; blackhole: true }
    | { group: readonly GroupMember[] }
}

export interface NewNexthop extends NexthopSettings {
  target: string
}

/** `ip nexthop add … proto …` */
export const addNexthop = (nexthop: NewNexthop): Request => newNexthop('add', NLM_F_CREATE | NLM_F_EXCL, nexthop)

/** Changes an object; the routes that use it stay. A group stays a group. `ip nexthop replace … proto …` */
export const replaceNexthop = (nexthop: NewNexthop): Request =>
  newNexthop('replace', NLM_F_CREATE | NLM_F_REPLACE, nexthop)

/** Deletes an object, and the routes that use it. `ip nexthop delete id …` */
export const deleteNexthop = ({ target, id }: Pick<NewNexthop, 'target' | 'id'>): Request => ({
  operation: 'delete next hop',
  target,
  type: RTM_DELNEXTHOP,
  flags: 0,
  encode: (writer) => {
    writer.header(NHMSG_LENGTH)
    writer.u32(NHA_ID, id)
  },
})

function newNexthop(verb: string, flags: number, { target, id, protocol, hop }: NewNexthop): Request {
  return {
    operation: `${verb} next hop`,
    target,
    type: RTM_NEWNEXTHOP,
    flags,
    encode: (writer) => {
      const start = writer.header(NHMSG_LENGTH)
      writer.buffer.writeUInt8('group' in hop ? AF_UNSPEC : hop.family === 4 ? AF_INET : AF_INET6, start)
      writer.buffer.writeUInt8(RTPROT[protocol], start + 2)
      if ('onlink' in hop && hop.onlink) writer.buffer.writeUInt32LE(RTNH_F_ONLINK, start + 4)
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

function groupBytes(members: readonly GroupMember[]): Buffer {
  const bytes = Buffer.alloc(GROUP_MEMBER_LENGTH * members.length)
  members.forEach(({ id, weight }, at) => {
    bytes.writeUInt32LE(id, GROUP_MEMBER_LENGTH * at)
    bytes.writeUInt8(weight - 1, GROUP_MEMBER_LENGTH * at + 4)
  })
  return bytes
}

/** All next-hop objects of a namespace. */
export function listNexthops(): Request {
  return {
    operation: 'list next hops',
    target: 'all',
    type: RTM_GETNEXTHOP,
    flags: NLM_F_DUMP,
    encode: (writer) => writer.header(NHMSG_LENGTH),
  }
}

/** Reads the payload of an RTM_NEWNEXTHOP. */
export function parseNexthop(payload: Buffer): Reported<NexthopSettings> {
  const attributes = new Attributes(payload, NHMSG_LENGTH)
  return {
    id: attributes.u32(NHA_ID),
    protocol: protocolName(payload.readUInt8(2)),
    hop: hopOf(attributes, payload[0] === AF_INET6 ? 6 : 4, payload.readUInt32LE(4)),
  }
}

function hopOf(attributes: Attributes, family: 4 | 6, flags: number): NexthopSettings['hop'] {
  const group = attributes.get(NHA_GROUP)
  if (group) return { group: membersOf(group) }
  if (attributes.get(NHA_BLACKHOLE)) return { family, blackhole: true }
  const gateway = attributes.get(NHA_GATEWAY)
  return {
    family,
    gateway: gateway ? addressText(gateway) : null,
    index: attributes.u32(NHA_OIF),
    ...onlinkOf(flags),
  }
}

function membersOf(group: Buffer): GroupMember[] {
  const members: GroupMember[] = []
  for (let at = 0; at + GROUP_MEMBER_LENGTH <= group.length; at += GROUP_MEMBER_LENGTH) {
    members.push({ id: group.readUInt32LE(at), weight: group.readUInt16LE(at + 4) + 1 })
  }
  return members
}
