// Routes: RTM_*ROUTE with struct rtmsg (rtnetlink(7)). Equals `ip route`.
import {
  AF_INET,
  AF_INET6,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_EXCL,
  RT_TABLE_MAIN,
  RTA_DST,
  RTA_GATEWAY,
  RTA_MULTIPATH,
  RTA_OIF,
  RTA_PREFSRC,
  RTA_PRIORITY,
  RTA_TABLE,
  RTM_GETROUTE,
  RTM_NEWROUTE,
} from './constants.js'
import { addressBytes, addressText, prefixBytes } from './ip.js'
import { readAttributes, u32Of } from './reader.js'
import type { Request } from './request.js'
import { scopeName } from './scope.js'
import { align, type MessageWriter } from './writer.js'

const RTMSG_LENGTH = 12
const RTNEXTHOP_LENGTH = 8
const RTPROT_STATIC = 4
const RTN_UNICAST = 1
const RT_SCOPE_UNIVERSE = 0
const RT_SCOPE_LINK = 253

const TYPES = [
  'unspec',
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
]
const TABLES = new Map([
  [253, 'default'],
  [254, 'main'],
  [255, 'local'],
])
const PROTOCOLS = new Map([
  [1, 'redirect'],
  [2, 'kernel'],
  [3, 'boot'],
  [4, 'static'],
  [9, 'ra'],
  [16, 'dhcp'],
  [186, 'bgp'],
  [188, 'ospf'],
])

export interface NewRoute {
  target: string
  family: 4 | 6
  /** `PREFIX/LENGTH` */
  destination: string
  /** Several are one multipath route. A null gateway is on-link. */
  nextHops: readonly { gateway: string | null; index: number }[]
  /** Preferred source address. */
  source?: string | null
  metric?: number
}

export interface RouteInfo {
  family: 4 | 6
  /** `PREFIX/LENGTH`; `0.0.0.0/0` and `::/0` for default. */
  destination: string
  type: string
  table: string
  protocol: string
  scope: string
  metric: number | null
  source: string | null
  nextHops: { gateway: string | null; index: number; weight: number }[]
}

/** `ip route add … proto static` */
export function addRoute({ target, family, destination, nextHops, source, metric }: NewRoute): Request {
  return {
    operation: 'add route',
    target,
    type: RTM_NEWROUTE,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    encode: (writer) => {
      const { bytes, length } = prefixBytes(destination)
      const onLink = family === 4 && nextHops.every((hop) => hop.gateway === null)
      const start = writer.header(RTMSG_LENGTH)
      writer.buffer.writeUInt8(family === 4 ? AF_INET : AF_INET6, start)
      writer.buffer.writeUInt8(length, start + 1)
      writer.buffer.writeUInt8(RT_TABLE_MAIN, start + 4)
      writer.buffer.writeUInt8(RTPROT_STATIC, start + 5)
      writer.buffer.writeUInt8(onLink ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE, start + 6)
      writer.buffer.writeUInt8(RTN_UNICAST, start + 7)
      if (length > 0) writer.bytes(RTA_DST, bytes)
      if (source) writer.bytes(RTA_PREFSRC, addressBytes(source))
      if (metric !== undefined) writer.u32(RTA_PRIORITY, metric)
      writeNextHops(writer, nextHops)
    },
  }
}

function writeNextHops(writer: MessageWriter, nextHops: NewRoute['nextHops']): void {
  const [only, ...more] = nextHops
  if (only && more.length === 0) {
    if (only.gateway !== null) writer.bytes(RTA_GATEWAY, addressBytes(only.gateway))
    writer.u32(RTA_OIF, only.index)
    return
  }
  const paths = writer.nest(RTA_MULTIPATH)
  for (const hop of nextHops) {
    const start = writer.header(RTNEXTHOP_LENGTH)
    writer.buffer.writeInt32LE(hop.index, start + 4)
    if (hop.gateway !== null) writer.bytes(RTA_GATEWAY, addressBytes(hop.gateway))
    writer.buffer.writeUInt16LE(writer.length - start, start)
  }
  writer.endNest(paths)
}

/** All routes of a namespace, both families, all tables. */
export function listRoutes(): Request {
  return {
    operation: 'list routes',
    target: 'all',
    type: RTM_GETROUTE,
    flags: NLM_F_DUMP,
    encode: (writer) => writer.header(RTMSG_LENGTH),
  }
}

/** Reads the payload of an RTM_NEWROUTE. */
export function parseRoute(payload: Buffer): RouteInfo {
  const family = payload.readUInt8(0) === AF_INET ? 4 : 6
  const attributes = readAttributes(payload, RTMSG_LENGTH)
  const destination = attributes.get(RTA_DST)
  const source = attributes.get(RTA_PREFSRC)
  const table = u32Of(attributes.get(RTA_TABLE)) ?? payload.readUInt8(4)
  const protocol = payload.readUInt8(5)
  return {
    family,
    destination: `${destination ? addressText(destination) : family === 4 ? '0.0.0.0' : '::'}/${payload.readUInt8(1)}`,
    type: TYPES[payload.readUInt8(7)] ?? String(payload.readUInt8(7)),
    table: TABLES.get(table) ?? String(table),
    protocol: PROTOCOLS.get(protocol) ?? String(protocol),
    scope: scopeName(payload.readUInt8(6)),
    metric: u32Of(attributes.get(RTA_PRIORITY)),
    source: source ? addressText(source) : null,
    nextHops: nextHopsOf(attributes),
  }
}

function nextHopsOf(attributes: Map<number, Buffer>): RouteInfo['nextHops'] {
  const paths = attributes.get(RTA_MULTIPATH)
  if (paths) return multipathOf(paths)
  const index = u32Of(attributes.get(RTA_OIF))
  return index === null ? [] : [{ gateway: gatewayOf(attributes), index, weight: 1 }]
}

function multipathOf(paths: Buffer): RouteInfo['nextHops'] {
  const hops: RouteInfo['nextHops'] = []
  for (let at = 0; at + RTNEXTHOP_LENGTH <= paths.length; ) {
    const length = paths.readUInt16LE(at)
    if (length < RTNEXTHOP_LENGTH) break
    const attributes = readAttributes(paths.subarray(at, at + length), RTNEXTHOP_LENGTH)
    hops.push({ gateway: gatewayOf(attributes), index: paths.readInt32LE(at + 4), weight: paths.readUInt8(at + 3) + 1 })
    at += align(length)
  }
  return hops
}

function gatewayOf(attributes: Map<number, Buffer>): string | null {
  const gateway = attributes.get(RTA_GATEWAY)
  return gateway ? addressText(gateway) : null
}
