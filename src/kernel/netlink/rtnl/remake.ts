// What the kernel forgets when an interface goes down: routes, next-hop objects and neighbours. From the messages in which the
// kernel reported them, makes requests that make them again with the same ids and indexes.
import {
  AF_INET6,
  AF_UNSPEC,
  NDA_DST,
  NDA_LLADDR,
  NDMSG_LENGTH,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  NUD_PERMANENT,
  RTA_DST,
  RTA_GATEWAY,
  RTA_MULTIPATH,
  RTA_NH_ID,
  RTA_OIF,
  RTA_PREFSRC,
  RTA_PRIORITY,
  RTA_TABLE,
  RTA_VIA,
  RTM_NEWNEIGH,
  RTM_NEWROUTE,
} from './constants.js'
import { RTNH_F_ONLINK } from './multipath.js'
import { NHA_GROUP, NHMSG_LENGTH, parseNexthop, RTM_NEWNEXTHOP } from './nexthop.js'
import { Attributes, u32Of } from './reader.js'
import { isKernels, RTA_ENCAP, RTA_ENCAP_TYPE, RTA_FLOW, RTA_METRICS, RTA_PREF, RTA_SRC } from './replay.js'
import type { Request } from './request.js'
import { indexesOf, RTMSG_LENGTH } from './route.js'

/** linux/rtnetlink.h: flags of a next hop that the kernel sets, and refuses in a request. */
const RTNH_F_STATE = 0xff & ~RTNH_F_ONLINK
const RTNEXTHOP_FLAGS = 2
/** NHA_ID, _GROUP, _GROUP_TYPE, _BLACKHOLE, _OIF, _GATEWAY, _ENCAP_TYPE and _ENCAP, linux/nexthop.h. */
const NHA_SETTINGS = [1, 2, 3, 4, 5, 6, 7, 8]

/** Bodies of RTM_NEWNEXTHOP, RTM_NEWROUTE and RTM_NEWNEIGH. */
export interface ReportedTables {
  nexthops: Buffer[]
  routes: Buffer[]
  neighbours: Buffer[]
}

/** Those entries that the kernel forgets when the interface goes down, in an order in which they can be made again. */
export function entriesOf(index: number, { nexthops, routes, neighbours }: ReportedTables): ReportedTables {
  const objects = nexthopsOf(index, nexthops)
  const ids = new Set(objects.map((payload) => parseNexthop(payload).id))
  return {
    nexthops: objects,
    // On-link routes first: those with a gateway need them.
    routes: routes.filter((payload) => leadsOver(payload, index, ids)).toSorted((a, b) => rank(a) - rank(b)),
    neighbours: neighbours.filter(
      (payload) => payload.readInt32LE(4) === index && (payload.readUInt16LE(8) & NUD_PERMANENT) !== 0,
    ),
  }
}

/** Routes that the kernel forgets when the interface is deleted: also those that other interfaces send from its addresses. */
export function routesOf(index: number, addresses: readonly Buffer[], routes: readonly Buffer[]): Buffer[] {
  const isOwn = (payload: Buffer): boolean => {
    const source = new Attributes(payload, RTMSG_LENGTH).get(RTA_PREFSRC)
    return source !== undefined && !isKernels(payload) && addresses.some((address) => address.equals(source))
  }
  return routes
    .filter((payload) => leadsOver(payload, index, new Set()) || isOwn(payload))
    .toSorted((a, b) => rank(a) - rank(b))
}

/** Objects that lead over the interface, and after them the groups with one of these. */
function nexthopsOf(index: number, nexthops: readonly Buffer[]): Buffer[] {
  const parsed = nexthops.map((payload) => ({ payload, ...parseNexthop(payload) }))
  const single = parsed.filter(({ hop }) => 'index' in hop && hop.index === index)
  const ids = new Set(single.map(({ id }) => id))
  const groups = parsed.filter(({ hop }) => 'group' in hop && hop.group.some(({ id }) => ids.has(id)))
  return [...single, ...groups].map(({ payload }) => payload)
}

function leadsOver(payload: Buffer, index: number, nexthops: ReadonlySet<number>): boolean {
  if (isKernels(payload)) return false
  const id = u32Of(new Attributes(payload, RTMSG_LENGTH).get(RTA_NH_ID))
  return id === null ? indexesOf(payload).includes(index) : nexthops.has(id)
}

function rank(payload: Buffer): number {
  const attributes = new Attributes(payload, RTMSG_LENGTH)
  if (attributes.get(RTA_NH_ID)) return 0
  return [RTA_GATEWAY, RTA_VIA, RTA_MULTIPATH].some((type) => attributes.get(type) !== undefined) ? 2 : 1
}

export function remakeNexthop(target: string, payload: Buffer): Request {
  const attributes = new Attributes(payload, NHMSG_LENGTH)
  const isGroup = attributes.get(NHA_GROUP) !== undefined
  return {
    ...{ operation: 'restore next hop', target, type: RTM_NEWNEXTHOP },
    // Of a group, the kernel forgets single members.
    flags: NLM_F_CREATE | (isGroup ? NLM_F_REPLACE : NLM_F_EXCL),
    encode: (writer) => {
      const start = writer.header(NHMSG_LENGTH)
      payload.copy(writer.buffer, start, 0, NHMSG_LENGTH)
      // A group has no family of its own; the kernel reports that of its members.
      if (isGroup) writer.buffer.writeUInt8(AF_UNSPEC, start)
      writer.buffer.writeUInt8(0, start + 1)
      writer.buffer.writeUInt32LE(payload.readUInt32LE(4) & RTNH_F_ONLINK, start + 4)
      copyAll(attributes, NHA_SETTINGS, writer)
    },
  }
}

export function remakeRoute(target: string, payload: Buffer): Request {
  const attributes = new Attributes(payload, RTMSG_LENGTH)
  const hasObject = attributes.get(RTA_NH_ID) !== undefined
  const paths = attributes.get(RTA_MULTIPATH)
  // Of an IPv6 route with several paths, the kernel forgets single ones.
  const isPartly = paths !== undefined && payload[0] === AF_INET6
  return {
    ...{ operation: 'restore route', target, type: RTM_NEWROUTE },
    flags: NLM_F_CREATE | (isPartly ? NLM_F_REPLACE : NLM_F_EXCL),
    encode: (writer) => {
      const start = writer.header(RTMSG_LENGTH)
      payload.copy(writer.buffer, start, 0, 8)
      writer.buffer.writeUInt32LE(hasObject ? 0 : payload.readUInt32LE(8) & RTNH_F_ONLINK, start + 8)
      copyAll(attributes, [RTA_DST, RTA_SRC, RTA_PREFSRC, RTA_TABLE, RTA_PRIORITY, RTA_METRICS, RTA_FLOW], writer)
      copyAll(attributes, [RTA_PREF, RTA_NH_ID], writer)
      // With an object, the kernel also reports where that leads.
      if (!hasObject) copyAll(attributes, [RTA_GATEWAY, RTA_VIA, RTA_OIF, RTA_ENCAP_TYPE, RTA_ENCAP], writer)
      if (paths && !hasObject) writer.bytes(RTA_MULTIPATH, withoutState(paths))
    },
  }
}

/** struct rtnexthop of each path: its length, flags, weight and ifindex, and then its attributes. */
function withoutState(paths: Buffer): Buffer {
  const bytes = Buffer.from(paths)
  for (let at = 0; at + 8 <= bytes.length; at += (bytes.readUInt16LE(at) + 3) & ~3) {
    if (bytes.readUInt16LE(at) < 8) break
    bytes.writeUInt8(bytes.readUInt8(at + RTNEXTHOP_FLAGS) & ~RTNH_F_STATE, at + RTNEXTHOP_FLAGS)
  }
  return bytes
}

/** NUD_REACHABLE, _STALE, _DELAY and _PROBE of linux/neighbour.h: the address of the neighbour is known, for the time being. */
const NUD_LEARNT = 0x02 | 0x04 | 0x08 | 0x10
const NUD_STALE = 0x04

/** Whether the address of a neighbour is known, and not by a rule of the kernel's, as for multicast. */
export const isKnownNeighbour = (payload: Buffer): boolean =>
  (payload.readUInt16LE(8) & (NUD_PERMANENT | NUD_LEARNT)) !== 0

/** One that is not permanent is asked before the kernel relies on it. */
export function remakeNeighbour(target: string, payload: Buffer): Request {
  return {
    ...{ operation: 'restore neighbour', target, type: RTM_NEWNEIGH, flags: NLM_F_CREATE | NLM_F_EXCL },
    encode: (writer) => {
      const start = writer.header(NDMSG_LENGTH)
      payload.copy(writer.buffer, start, 0, NDMSG_LENGTH)
      if ((payload.readUInt16LE(8) & NUD_LEARNT) !== 0) writer.buffer.writeUInt16LE(NUD_STALE, start + 8)
      copyAll(new Attributes(payload, NDMSG_LENGTH), [NDA_DST, NDA_LLADDR], writer)
    },
  }
}

function copyAll(attributes: Attributes, types: readonly number[], writer: Parameters<Request['encode']>[0]): void {
  for (const type of types) {
    const value = attributes.get(type)
    if (value) writer.bytes(type, value)
  }
}
