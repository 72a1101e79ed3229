// Routes: RTM_*ROUTE with struct rtmsg (rtnetlink(7)). Equals `ip route`.
import {
  AF_INET,
  AF_INET6,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  RT_TABLE_MAIN,
  RTA_DST,
  RTA_GATEWAY,
  RTA_MULTIPATH,
  RTA_NH_ID,
  RTA_OIF,
  RTA_PREFSRC,
  RTA_PRIORITY,
  RTA_TABLE,
  RTM_DELROUTE,
  RTM_GETROUTE,
  RTM_NEWROUTE,
} from './constants.js'
import { addressBytes, addressText, prefixBytes } from './ip.js'
import { gatewayOf, multipathOf, type NextHop, onlinkOf, RTNH_F_ONLINK, writeMultipath } from './multipath.js'
import { type Protocol, protocolName, RTPROT } from './protocol.js'
import { Attributes, u32Of } from './reader.js'
import type { Reported } from './reported.js'
import type { Request } from './request.js'
import { scopeName } from './scope.js'
import { tableName } from './table.js'

/** struct rtmsg; linux/rtnetlink.h */
export const RTMSG_LENGTH = 12
/** rtmsg.rtm_table of a table whose id does not fit into its one byte, and is in RTA_TABLE alone. */
const RT_TABLE_UNSPEC = 0
const RT_TABLE_LOCAL = 255
const RT_SCOPE_UNIVERSE = 0
const RT_SCOPE_LINK = 253
/** In a request to delete: of any scope. */
const RT_SCOPE_NOWHERE = 255

/** RTN_*, by number. */
const TYPES: readonly string[] = [
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
/** Types of routes that refuse packets, and have no next hop. */
const REFUSING: readonly string[] = ['blackhole', 'unreachable', 'prohibit']

export const isRefusing = (type: string): boolean => REFUSING.includes(type)

export interface RouteSettings {
  family: 4 | 6
  /** `PREFIX/LENGTH` */
  destination: string
  /** Several are one multipath route. None unless `type` is `unicast`. */
  nextHops: readonly NextHop[]
  /** Preferred source address. */
  source?: string | null
  /** The kernel's default is 0 for IPv4 and 1024 for IPv6. */
  metric?: number | undefined
  /** Routing table id; main by default. */
  table?: number | undefined
  /** Which program or part of the kernel made it. */
  protocol: Protocol
  /** Id of a next-hop object; then `nextHops` is empty. */
  nexthopId?: number | undefined
  /** How packets are forwarded or refused; `unicast` by default. */
  type?: 'unicast' | 'blackhole' | 'unreachable' | 'prohibit' | undefined
}

export interface NewRoute extends RouteSettings {
  target: string
}

/** A route as the kernel reports it, in the fields of NewRoute. `type` may be any of TYPES, or a number. */
export type ReportedRoute = Omit<Reported<RouteSettings, 'nexthopId'>, 'nextHops' | 'type'> & {
  nextHops: (NextHop & { weight: number })[]
  type: string
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
  nextHops: (NextHop & { weight: number })[]
}

/** `ip route add … proto …` */
export const addRoute = (route: NewRoute): Request =>
  routeRequest('add', RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, route)

/**
 * Puts a route in the place of the one to the same destination in the same table with the same metric; no packet is lost meanwhile.
 * `ip route replace … proto …`
 */
export const replaceRoute = (route: NewRoute): Request =>
  routeRequest('replace', RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, route)

/**
 * Adds an IPv4 route behind those to the same destination in the same table with the same metric: it is used once they are gone.
 * `ip route append … proto …`
 */
export const appendRoute = (route: NewRoute): Request =>
  routeRequest('append', RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND, route)

/** Deletes the first route with these settings, whichever program made it. `ip route delete TYPE …` */
export const deleteRoute = (route: Omit<NewRoute, 'protocol'>): Request =>
  routeRequest('delete', RTM_DELROUTE, 0, route)

function routeRequest(
  verb: string,
  type: number,
  flags: number,
  route: Omit<NewRoute, 'protocol'> & Partial<NewRoute>,
): Request {
  return {
    operation: `${verb} route`,
    target: route.target,
    type,
    flags,
    encode: (writer) => {
      const { bytes, length } = prefixBytes(route.destination)
      const { table = RT_TABLE_MAIN } = route
      const start = writer.header(RTMSG_LENGTH)
      writer.buffer.writeUInt8(route.family === 4 ? AF_INET : AF_INET6, start)
      writer.buffer.writeUInt8(length, start + 1)
      writer.buffer.writeUInt8(table > 0xff ? RT_TABLE_UNSPEC : table, start + 4)
      writer.buffer.writeUInt8(route.protocol === undefined ? 0 : RTPROT[route.protocol], start + 5)
      writer.buffer.writeUInt8(type === RTM_DELROUTE ? RT_SCOPE_NOWHERE : scopeOf(route), start + 6)
      writer.buffer.writeUInt8(TYPES.indexOf(route.type ?? 'unicast'), start + 7)
      const [only, ...more] = route.nextHops
      const single = more.length === 0 ? only : undefined
      if (single?.onlink) writer.buffer.writeUInt32LE(RTNH_F_ONLINK, start + 8)
      if (length > 0 || route.family === 6) writer.bytes(RTA_DST, bytes)
      if (single && single.gateway !== null) writer.bytes(RTA_GATEWAY, addressBytes(single.gateway))
      if (route.source) writer.bytes(RTA_PREFSRC, addressBytes(route.source))
      if (route.metric !== undefined) writer.u32(RTA_PRIORITY, route.metric)
      if (table > 0xff) writer.u32(RTA_TABLE, table)
      if (single) writer.u32(RTA_OIF, single.index)
      if (more.length > 0) writeMultipath(writer, route.nextHops)
      if (route.nexthopId !== undefined) writer.u32(RTA_NH_ID, route.nexthopId)
    },
  }
}

/** The scope that iproute2 chooses: an IPv4 route without any gateway is valid on its link only. */
function scopeOf({ family, type = 'unicast', nextHops, nexthopId }: Omit<NewRoute, 'protocol'>): number {
  const hasObject = nexthopId !== undefined
  const onLink = family === 4 && type === 'unicast' && !hasObject && nextHops.every((hop) => hop.gateway === null)
  return onLink ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE
}

/** All routes of a namespace, of all tables, and of both families unless one is given. */
export function listRoutes(family?: 4 | 6): Request {
  return {
    operation: 'list routes',
    target: 'all',
    type: RTM_GETROUTE,
    flags: NLM_F_DUMP,
    encode: (writer) => {
      const start = writer.header(RTMSG_LENGTH)
      if (family !== undefined) writer.buffer.writeUInt8(family === 4 ? AF_INET : AF_INET6, start)
    },
  }
}

/** Reads what `listRoutes` lists. Routes of other families, such as MPLS, are left out. */
export const parseRoutes = (payloads: readonly Buffer[]): RouteInfo[] => payloads.filter(isIpRoute).map(parseRoute)

/** Reads the same routes in the fields that `addRoute` takes. */
export const parseRouteSettings = (payloads: readonly Buffer[]): ReportedRoute[] =>
  payloads.filter(isIpRoute).map(parseRouteSetting)

export const isIpRoute = (payload: Buffer): boolean => payload[0] === AF_INET || payload[0] === AF_INET6

/** Whether a route is in the table `local`, in which the kernel has a route for each address; the one byte has room for its id. */
export const isLocalRoute = (payload: Buffer): boolean => payload[4] === RT_TABLE_LOCAL

/** The ifindexes over which a route of IPv4 or IPv6 leads. */
export const indexesOf = (payload: Buffer): number[] =>
  nextHopsOf(payload, new Attributes(payload, RTMSG_LENGTH)).map(({ index }) => index)

/** Reads the payload of an RTM_NEWROUTE of IPv4 or IPv6. */
export function parseRoute(payload: Buffer): RouteInfo {
  const attributes = new Attributes(payload, RTMSG_LENGTH)
  const table = tableOf(payload, attributes)
  return {
    ...fieldsOf(payload, attributes),
    table: tableName(table),
    scope: scopeName(payload.readUInt8(6)),
    metric: u32Of(attributes.get(RTA_PRIORITY)),
    nextHops: nextHopsOf(payload, attributes),
  }
}

export function parseRouteSetting(payload: Buffer): ReportedRoute {
  const attributes = new Attributes(payload, RTMSG_LENGTH)
  const nexthopId = u32Of(attributes.get(RTA_NH_ID)) ?? undefined
  const fields = fieldsOf(payload, attributes)
  // The kernel also reports the next hops of an object, and the loopback interface for IPv6 routes that refuse packets.
  const isUnicast = nexthopId === undefined && !isRefusing(fields.type)
  return {
    ...fields,
    table: tableOf(payload, attributes),
    metric: attributes.u32(RTA_PRIORITY),
    nexthopId,
    nextHops: isUnicast ? nextHopsOf(payload, attributes) : [],
  }
}

const tableOf = (payload: Buffer, attributes: Attributes): number =>
  u32Of(attributes.get(RTA_TABLE)) ?? payload.readUInt8(4)

/** The fields that are the same in a RouteInfo and a ReportedRoute. */
function fieldsOf(payload: Buffer, attributes: Attributes) {
  const family = payload.readUInt8(0) === AF_INET ? (4 as const) : (6 as const)
  const destination = attributes.get(RTA_DST)
  const source = attributes.get(RTA_PREFSRC)
  return {
    family,
    destination: `${destination ? addressText(destination) : family === 4 ? '0.0.0.0' : '::'}/${payload.readUInt8(1)}`,
    type: TYPES[payload.readUInt8(7)] ?? String(payload.readUInt8(7)),
    protocol: protocolName(payload.readUInt8(5)),
    source: source ? addressText(source) : null,
  }
}

function nextHopsOf(payload: Buffer, attributes: Attributes): RouteInfo['nextHops'] {
  const paths = attributes.get(RTA_MULTIPATH)
  if (paths) return multipathOf(paths)
  const index = u32Of(attributes.get(RTA_OIF))
  return index === null
    ? []
    : [{ gateway: gatewayOf(attributes), index, weight: 1, ...onlinkOf(payload.readUInt32LE(8)) }]
}
