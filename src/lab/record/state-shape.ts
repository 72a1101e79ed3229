// Checks that a value read from a state file is the state of a lab: each field that nslab uses has the type and form that it
// should have. The file may be damaged, or another user may have written it.
import { isIP } from 'node:net'
import { IFADDRMSG_LENGTH } from '../../kernel/netlink/rtnl/address.js'
import { IFINFOMSG_LENGTH, NDMSG_LENGTH } from '../../kernel/netlink/rtnl/constants.js'
import { NHMSG_LENGTH } from '../../kernel/netlink/rtnl/nexthop.js'
import { RTMSG_LENGTH } from '../../kernel/netlink/rtnl/route.js'
import type { EmulatedLink } from '../../model/impairment.js'
import { isEmulatedLink } from '../../model/impairment-shape.js'
import type { Point } from '../../model/picture/point.js'
import type { ProcessIdentity } from '../who/process-identity.js'
import { LAB_NAME } from './lab-name.js'
import type { DownEnd, ForgottenAddress, KeptEnd, LabState, NodeState, Replacement, WireState } from './state.js'
import type { TakenDevice } from './taken-device.js'

/** RFC 4648, section 4, as Node.js writes it. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
/** `NODE:INTERFACE` */
const ENDPOINT = /^[A-Za-z0-9-]{1,63}:[^\p{C}\p{Z}/:]{1,15}$/u
const KINDS: readonly unknown[] = ['host', 'router', 'switch'] satisfies NodeState['kind'][]

type Unknown<T> = { [Key in keyof T]?: unknown }

export function isLabState(value: unknown): value is LabState {
  const {
    version,
    lab,
    status,
    rootless,
    keeper,
    nodes,
    links,
    linkIndexes,
    cgroup,
    devices = [],
    untrusted = true,
    emulations,
    wire = { netnsFd: 0 },
    linkNumbers,
    degraded = [],
    down = [],
    replacement = null,
  } = fieldsOf<LabState>(value)
  return (
    version === 1 &&
    isText(lab, LAB_NAME) &&
    (status === 'building' || status === 'running') &&
    typeof rootless === 'boolean' &&
    untrusted === true &&
    isProcess(keeper) &&
    isListOf(nodes, isNode) &&
    isListOf(links, isLink) &&
    isListOf(linkIndexes, isIndexPair) &&
    linkIndexes.length === links.length &&
    (emulations === undefined || (isListOf(emulations, isEmulatedLinkOrNull) && emulations.length === links.length)) &&
    Number.isSafeInteger(fieldsOf<WireState>(wire).netnsFd) &&
    isPath(cgroup) &&
    isListOf(devices, isDevice) &&
    (linkNumbers === undefined || (isListOf(linkNumbers, isNumber) && linkNumbers.length === links.length)) &&
    isListOf(degraded, isString) &&
    isListOf(down, isDownEnd) &&
    (replacement === null || isReplacement(replacement))
  )
}

/** No field is of another type than an object's; for any other value, there are none. */
const fieldsOf = <T>(value: unknown): Unknown<T> =>
  (typeof value === 'object' && value !== null ? value : {}) as Unknown<T>

function isNode(value: unknown): value is NodeState {
  const { name, kind, netnsFd, netnsInode = 0, cgroup, ipv4, ipv6, ...texts } = fieldsOf<NodeState>(value)
  const { title = '', labels = {}, env = {}, position = { x: 0, y: 0 } } = texts
  return (
    isProcess(value) &&
    isText(name, LAB_NAME) &&
    KINDS.includes(kind) &&
    Number.isSafeInteger(netnsFd) &&
    Number.isSafeInteger(netnsInode) &&
    isPath(cgroup) &&
    isAddress(ipv4, 4) &&
    isAddress(ipv6, 6) &&
    isString(title) &&
    isTexts(labels) &&
    isPoint(position) &&
    isTexts(env) &&
    Object.keys(env).every((variable) => !variable.includes('='))
  )
}

function isPoint(value: unknown): value is Point {
  const { x, y } = fieldsOf<Point>(value)
  return Number.isFinite(x) && Number.isFinite(y)
}

function isProcess(value: unknown): value is ProcessIdentity {
  const { pid, startTime } = fieldsOf<ProcessIdentity>(value)
  return Number.isSafeInteger(pid) && (pid as number) > 1 && Number.isSafeInteger(startTime)
}

function isDevice(value: unknown): value is TakenDevice {
  const { node, interface: name, index, mac, host } = fieldsOf<TakenDevice>(value)
  const { addresses, routes, ...device } = fieldsOf<TakenDevice['host']>(host)
  return (
    isText(node, LAB_NAME) &&
    isString(name) &&
    Number.isSafeInteger(index) &&
    isStringOrNull(mac) &&
    isString(device.name) &&
    [device.kind, device.mac, device.permanentMac].every(isStringOrNull) &&
    [device.index, device.mtu, device.seenAt].every(Number.isFinite) &&
    typeof device.up === 'boolean' &&
    isListOf(addresses, bodyOf(IFADDRMSG_LENGTH)) &&
    isListOf(routes, bodyOf(RTMSG_LENGTH))
  )
}

const isEmulatedLinkOrNull = (value: unknown): value is EmulatedLink | null => value === null || isEmulatedLink(value)

function isDownEnd(value: unknown): value is DownEnd {
  const { endpoint, index = 1, taken = true, nexthops, routes, neighbours, addresses = [] } = fieldsOf<DownEnd>(value)
  return (
    isText(endpoint, ENDPOINT) &&
    Number.isSafeInteger(index) &&
    taken === true &&
    isListOf(nexthops, bodyOf(NHMSG_LENGTH)) &&
    isListOf(routes, bodyOf(RTMSG_LENGTH)) &&
    isListOf(neighbours, bodyOf(NDMSG_LENGTH)) &&
    isListOf(addresses, isForgottenAddress)
  )
}

function isForgottenAddress(value: unknown): value is ForgottenAddress {
  const { message, seenAt } = fieldsOf<ForgottenAddress>(value)
  return bodyOf(IFADDRMSG_LENGTH)(message) && Number.isFinite(seenAt)
}

function isReplacement(value: unknown): value is Replacement {
  const { link, ends } = fieldsOf<Replacement>(value)
  return Number.isSafeInteger(link) && isListOf(ends, isKeptEnd) && ends.length === 2
}

function isKeptEnd(value: unknown): value is KeptEnd {
  const { link, sysctls, ...lists } = fieldsOf<KeptEnd>(value)
  const { addresses, routes, neighbours, vlans, forwarding } = lists
  return (
    bodyOf(IFINFOMSG_LENGTH)(link) &&
    isTexts(sysctls) &&
    isListOf(addresses, bodyOf(IFADDRMSG_LENGTH)) &&
    isListOf(routes, bodyOf(RTMSG_LENGTH)) &&
    isListOf(neighbours, bodyOf(NDMSG_LENGTH)) &&
    isListOf(vlans, bodyOf(IFINFOMSG_LENGTH)) &&
    isListOf(forwarding, bodyOf(NDMSG_LENGTH))
  )
}

/** Whether a value is the body of a netlink message, in base64, with at least its header. */
const bodyOf =
  (headerLength: number) =>
  (value: unknown): value is string =>
    isText(value, BASE64) && Buffer.byteLength(value, 'base64') >= headerLength

const isLink = (value: unknown): value is [string, string] =>
  Array.isArray(value) && value.length === 2 && value.every((end) => isText(end, ENDPOINT))

const isIndexPair = (value: unknown): value is [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every(Number.isSafeInteger)

const isAddress = (value: unknown, family: 4 | 6): boolean =>
  value === null || (isText(value, /^[0-9a-fA-F.:]+$/) && isIP(value) === family)

const isPath = (value: unknown): boolean => value === null || isText(value, /^\/[^\0]*$/)

/** Whether it maps names to texts without a NUL, which would end a word of the shim's spec. */
const isTexts = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(value).every((entry) => entry.every((each) => isText(each, /^[^\0]*$/)))

const isNumber = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isString = (value: unknown): value is string => typeof value === 'string'
const isStringOrNull = (value: unknown): value is string | null => value === null || isString(value)
const isText = (value: unknown, pattern: RegExp): value is string => isString(value) && pattern.test(value)

const isListOf = <T>(value: unknown, isOne: (each: unknown) => each is T): value is T[] =>
  Array.isArray(value) && value.every(isOne)
