// Links: RTM_*LINK with struct ifinfomsg (rtnetlink(7), linux/if_link.h). Equals `ip link`.
import {
  AF_UNSPEC,
  ARPHRD_LOOPBACK,
  IFF_RUNNING,
  IFF_UP,
  IFLA_ADDRESS,
  IFLA_ALT_IFNAME,
  IFLA_EXT_MASK,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_LINK,
  IFLA_LINK_NETNSID,
  IFLA_LINKINFO,
  IFLA_MASTER,
  IFLA_MTU,
  IFLA_NET_NS_FD,
  IFLA_OPERSTATE,
  IFLA_PROP_LIST,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_EXCL,
  RTEXT_FILTER_SKIP_STATS,
  RTM_DELLINK,
  RTM_GETLINK,
  RTM_NEWLINK,
  VETH_INFO_PEER,
} from './constants.js'
import { macBytes, macText } from './ip.js'
import { eachAttribute, readAttributes, textOf, u32Of } from './reader.js'
import type { Request } from './request.js'
import type { MessageWriter } from './writer.js'

const IFINFOMSG_LENGTH = 16

/** What a new device is given. */
export interface NewLink {
  target: string
  name: string
  /** ifindex. */
  index: number
  /** null lets the kernel choose one. */
  mac: string | null
  mtu: number
}

export interface NewVeth extends NewLink {
  /** The other end; `netnsFd` is an open descriptor, in this process, of the namespace it goes to. */
  peer: { name: string; index: number; mac: string | null; mtu: number; netnsFd: number }
}

export type OperState = 'unknown' | 'notpresent' | 'down' | 'lowerlayerdown' | 'testing' | 'dormant' | 'up'

/** RFC 2863 operational states in the kernel's order (IF_OPER_*, linux/if.h). */
const OPER_STATES: readonly OperState[] = [
  'unknown',
  'notpresent',
  'down',
  'lowerlayerdown',
  'testing',
  'dormant',
  'up',
]

/** A link as the kernel shows it. */
export interface LinkInfo {
  index: number
  name: string
  /** IFLA_INFO_KIND; `loopback` for lo; null for a plain card. */
  kind: string | null
  mac: string | null
  mtu: number
  /** IFF_UP: wanted up. */
  up: boolean
  /** IFF_RUNNING: has carrier, packets pass. */
  running: boolean
  operState: OperState
  master: number | null
  /** ifindex of the other end or the lower device. */
  peerIndex: number | null
  /** Id, in this namespace, of the namespace that `peerIndex` counts in; null for this one. */
  peerNetnsId: number | null
  altnames: string[]
}

/** Both ends of a veth pair, in their namespaces, with their final names and indexes. `ip link add … type veth peer …` */
export function createVeth(veth: NewVeth): Request {
  return creation(`create veth`, veth, (writer) => {
    const data = linkInfo(writer, 'veth', true)
    const peer = writer.nest(VETH_INFO_PEER)
    describeLink(writer, veth.peer)
    writer.u32(IFLA_NET_NS_FD, veth.peer.netnsFd)
    writer.endNest(peer)
    writer.endNest(data.data)
    writer.endNest(data.info)
  })
}

/** `ip link add … type bridge` */
export function createBridge(bridge: NewLink): Request {
  return creation('create bridge', bridge, (writer) => {
    const { info } = linkInfo(writer, 'bridge', false)
    writer.endNest(info)
  })
}

function creation(operation: string, link: NewLink, describeKind: (writer: MessageWriter) => void): Request {
  return {
    operation,
    target: link.target,
    type: RTM_NEWLINK,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    encode: (writer) => {
      describeLink(writer, link)
      describeKind(writer)
    },
  }
}

function describeLink(writer: MessageWriter, link: Omit<NewLink, 'target'>): void {
  const start = writer.header(IFINFOMSG_LENGTH)
  writer.buffer.writeInt32LE(link.index, start + 4)
  writer.text(IFLA_IFNAME, link.name)
  if (link.mac !== null) writer.bytes(IFLA_ADDRESS, macBytes(link.mac))
  writer.u32(IFLA_MTU, link.mtu)
}

function linkInfo(writer: MessageWriter, kind: string, withData: boolean): { info: number; data: number } {
  const info = writer.nest(IFLA_LINKINFO)
  writer.bytes(IFLA_INFO_KIND, Buffer.from(kind))
  return { info, data: withData ? writer.nest(IFLA_INFO_DATA) : -1 }
}

export interface LinkChange {
  target: string
  index: number
  up?: boolean
  mtu?: number
  mac?: string
  /** ifindex of the bridge it becomes a port of; null frees it. */
  master?: number | null
}

/** `ip link set` */
export function setLink(change: LinkChange): Request {
  return {
    operation: change.up === true ? 'bring up' : 'change link',
    target: change.target,
    type: RTM_NEWLINK,
    flags: 0,
    encode: (writer) => {
      const start = writer.header(IFINFOMSG_LENGTH)
      writer.buffer.writeInt32LE(change.index, start + 4)
      if (change.up !== undefined) {
        writer.buffer.writeUInt32LE(change.up ? IFF_UP : 0, start + 8)
        writer.buffer.writeUInt32LE(IFF_UP, start + 12)
      }
      if (change.mac !== undefined) writer.bytes(IFLA_ADDRESS, macBytes(change.mac))
      if (change.mtu !== undefined) writer.u32(IFLA_MTU, change.mtu)
      if (change.master !== undefined) writer.u32(IFLA_MASTER, change.master ?? 0)
    },
  }
}

/** `ip link delete` */
export function deleteLink({ target, index }: { target: string; index: number }): Request {
  return {
    operation: 'delete link',
    target,
    type: RTM_DELLINK,
    flags: 0,
    encode: (writer) => {
      writer.buffer.writeInt32LE(index, writer.header(IFINFOMSG_LENGTH) + 4)
    },
  }
}

/** All links of a namespace, without their counters. */
export function listLinks(): Request {
  return {
    operation: 'list links',
    target: 'all',
    type: RTM_GETLINK,
    flags: NLM_F_DUMP,
    encode: (writer) => {
      writer.buffer.writeUInt8(AF_UNSPEC, writer.header(IFINFOMSG_LENGTH))
      writer.u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)
    },
  }
}

/** Reads the payload of an RTM_NEWLINK. */
export function parseLink(payload: Buffer): LinkInfo {
  const flags = payload.readUInt32LE(8)
  const attributes = readAttributes(payload, IFINFOMSG_LENGTH)
  const info = attributes.get(IFLA_LINKINFO)
  const mac = attributes.get(IFLA_ADDRESS)
  const isLoopback = payload.readUInt16LE(2) === ARPHRD_LOOPBACK
  return {
    index: payload.readInt32LE(4),
    name: textOf(attributes.get(IFLA_IFNAME)) ?? '',
    kind: isLoopback ? 'loopback' : info ? textOf(readAttributes(info).get(IFLA_INFO_KIND)) : null,
    mac: mac ? macText(mac) : null,
    mtu: u32Of(attributes.get(IFLA_MTU)) ?? 0,
    up: (flags & IFF_UP) !== 0,
    running: (flags & IFF_RUNNING) !== 0,
    operState: OPER_STATES[attributes.get(IFLA_OPERSTATE)?.[0] ?? 0] ?? 'unknown',
    master: u32Of(attributes.get(IFLA_MASTER)),
    peerIndex: u32Of(attributes.get(IFLA_LINK)),
    peerNetnsId: attributes.get(IFLA_LINK_NETNSID)?.readInt32LE(0) ?? null,
    altnames: altnamesOf(attributes.get(IFLA_PROP_LIST)),
  }
}

function altnamesOf(list: Buffer | undefined): string[] {
  if (!list) return []
  return [...eachAttribute(list)].flatMap(([type, value]) => (type === IFLA_ALT_IFNAME ? (textOf(value) ?? []) : []))
}
