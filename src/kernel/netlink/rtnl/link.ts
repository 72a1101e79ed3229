// Links: RTM_*LINK with struct ifinfomsg (rtnetlink(7), linux/if_link.h). Equals `ip link`.
import {
  ARPHRD_LOOPBACK,
  IFF_RUNNING,
  IFF_UP,
  IFINFOMSG_LENGTH,
  IFLA_ADDRESS,
  IFLA_ALT_IFNAME,
  IFLA_EXT_MASK,
  IFLA_GSO_MAX_SEGS,
  IFLA_IFNAME,
  IFLA_INFO_KIND,
  IFLA_INFO_SLAVE_DATA,
  IFLA_INFO_SLAVE_KIND,
  IFLA_LINK,
  IFLA_LINK_NETNSID,
  IFLA_LINKINFO,
  IFLA_MASTER,
  IFLA_MTU,
  IFLA_NET_NS_FD,
  IFLA_NEW_IFINDEX,
  IFLA_OPERSTATE,
  IFLA_PERM_ADDRESS,
  IFLA_PROP_LIST,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_EXCL,
  RTEXT_FILTER_SKIP_STATS,
  RTM_DELLINK,
  RTM_GETLINK,
  RTM_NEWLINK,
  RTM_NEWLINKPROP,
} from './constants.js'
import { macBytes, macText } from './ip.js'
import { Attributes, textOf, u32Of } from './reader.js'
import type { Request } from './request.js'
import type { MessageWriter } from './writer.js'

const IFLA_BRPORT_STATE = 1
const BR_STATE_LISTENING = 1
const BR_STATE_LEARNING = 2

export type OperState = 'unknown' | 'notpresent' | 'down' | 'lowerlayerdown' | 'testing' | 'dormant' | 'up'

/** Operational states (RFC 2863) in the order of their numbers (IF_OPER_*, linux/if.h). */
const OPER_STATES: readonly OperState[] = [
  'unknown',
  'notpresent',
  'down',
  'lowerlayerdown',
  'testing',
  'dormant',
  'up',
]

/** Whether a link passes packets. */
export interface LinkState {
  name: string
  /** IFF_UP: it has been set up. */
  up: boolean
  /** IFF_RUNNING: it has carrier, and passes packets. */
  running: boolean
  /** It is a port of a bridge with a spanning tree, and still listens or learns instead of forwarding. */
  isLearning: boolean
}

/** A link as the kernel reports it. */
export interface LinkInfo extends LinkState {
  index: number
  /** IFLA_INFO_KIND; `loopback` for lo; null for a plain card. */
  kind: string | null
  mac: string | null
  /** MAC address of the hardware, which cannot be changed; null for a link without hardware. */
  permanentMac: string | null
  mtu: number
  operState: OperState
  master: number | null
  /** ifindex of the other end of a veth pair, or of the device below (IFLA_LINK). */
  peerIndex: number | null
  /** Id (netnsid) of the network namespace that `peerIndex` belongs to; null for the link's own namespace. */
  peerNetnsId: number | null
  altnames: string[]
}

/** A link of the socket's namespace, by ifindex or by name. */
export type LinkRef = { index: number } | { name: string }

export type LinkChange = LinkRef & {
  target: string
  up?: boolean
  mtu?: number
  mac?: string
  /** ifindex of the bridge, bond or VRF that it becomes a member of; null takes it out. */
  master?: number | null
  /** Most segments of a packet that the link is left to cut (GSO). */
  gsoMaxSegs?: number
}

/** `ip link set` */
export function setLink(change: LinkChange): Request {
  return {
    operation: change.up === true ? 'bring up' : 'change link',
    target: change.target,
    type: RTM_NEWLINK,
    flags: 0,
    encode: (writer) => {
      const start = writeRef(writer, change)
      if (change.up !== undefined) {
        writer.buffer.writeUInt32LE(change.up ? IFF_UP : 0, start + 8)
        writer.buffer.writeUInt32LE(IFF_UP, start + 12)
      }
      if (change.mac !== undefined) writer.bytes(IFLA_ADDRESS, macBytes(change.mac))
      if (change.mtu !== undefined) writer.u32(IFLA_MTU, change.mtu)
      if (change.gsoMaxSegs !== undefined) writer.u32(IFLA_GSO_MAX_SEGS, change.gsoMaxSegs)
      if (change.master !== undefined) writer.u32(IFLA_MASTER, change.master ?? 0)
    },
  }
}

export interface LinkMove {
  target: string
  index: number
  /** An open descriptor, in this process, of the network namespace that the link is moved to. */
  netnsFd: number
  /** Its name there. */
  newName: string
  /** Its ifindex there (IFLA_NEW_IFINDEX, Linux 5.14), which must be free; 0 lets the kernel choose. */
  newIndex: number
}

/** Moves a link, which must be down, to another network namespace. `ip link set … netns … name …` */
export function moveLink({ target, index, netnsFd, newName, newIndex }: LinkMove): Request {
  return {
    operation: 'move device',
    target,
    type: RTM_NEWLINK,
    flags: 0,
    encode: (writer) => {
      writeRef(writer, { index })
      writer.u32(IFLA_NET_NS_FD, netnsFd)
      if (newIndex > 0) writer.u32(IFLA_NEW_IFINDEX, newIndex)
      writer.text(IFLA_IFNAME, newName)
    },
  }
}

/** Renames a link, which must be down. `ip link set … name …` */
export function renameLink({ target, index, newName }: { target: string; index: number; newName: string }): Request {
  return {
    operation: 'rename device',
    target,
    type: RTM_NEWLINK,
    flags: 0,
    encode: (writer) => {
      writeRef(writer, { index })
      writer.text(IFLA_IFNAME, newName)
    },
  }
}

/** `ip link delete` */
export function deleteLink(link: LinkRef & { target: string }): Request {
  return {
    operation: 'delete link',
    target: link.target,
    type: RTM_DELLINK,
    flags: 0,
    encode: (writer) => writeRef(writer, link),
  }
}

/** `ip link property add … altname …` */
export function addAltnames(link: LinkRef & { target: string; altnames: readonly string[] }): Request {
  return {
    operation: 'add alternative names',
    target: link.target,
    type: RTM_NEWLINKPROP,
    flags: NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND,
    encode: (writer) => {
      writeRef(writer, link)
      const list = writer.nest(IFLA_PROP_LIST, true)
      for (const altname of link.altnames) writer.text(IFLA_ALT_IFNAME, altname)
      writer.endNest(list)
    },
  }
}

/** Asks for one link. `ip link show dev …` */
export function getLink(link: LinkRef & { target: string }): Request {
  return {
    operation: 'read link',
    target: link.target,
    type: RTM_GETLINK,
    flags: 0,
    encode: (writer) => {
      writeRef(writer, link)
      writer.u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)
    },
  }
}

/** Writes the header that names a link; returns where it is. */
function writeRef(writer: MessageWriter, link: LinkRef): number {
  const start = writer.header(IFINFOMSG_LENGTH)
  if ('index' in link) writer.buffer.writeInt32LE(link.index, start + 4)
  else writer.text(IFLA_IFNAME, link.name)
  return start
}

/** All links of a namespace, without their counters. */
export function listLinks(): Request {
  return {
    operation: 'list links',
    target: 'all',
    type: RTM_GETLINK,
    flags: NLM_F_DUMP,
    encode: (writer) => {
      writer.header(IFINFOMSG_LENGTH)
      writer.u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)
    },
  }
}

/** Reads only a link's state from the payload of an RTM_NEWLINK, since it is asked of every link of a new lab. */
export function parseLinkState(payload: Buffer): LinkState {
  const attributes = new Attributes(payload, IFINFOMSG_LENGTH)
  const flags = payload.readUInt32LE(8)
  return {
    name: textOf(attributes.get(IFLA_IFNAME)) ?? '',
    up: (flags & IFF_UP) !== 0,
    running: (flags & IFF_RUNNING) !== 0,
    isLearning: isLearning(attributes.get(IFLA_LINKINFO)),
  }
}

/** Reads the payload of an RTM_NEWLINK. */
export function parseLink(payload: Buffer): LinkInfo {
  const attributes = new Attributes(payload, IFINFOMSG_LENGTH)
  const info = attributes.get(IFLA_LINKINFO)
  const mac = attributes.get(IFLA_ADDRESS)
  const permanentMac = attributes.get(IFLA_PERM_ADDRESS)
  const names = attributes.get(IFLA_PROP_LIST)
  const isLoopback = payload.readUInt16LE(2) === ARPHRD_LOOPBACK
  return {
    ...parseLinkState(payload),
    index: payload.readInt32LE(4),
    kind: isLoopback ? 'loopback' : info ? textOf(new Attributes(info).get(IFLA_INFO_KIND)) : null,
    mac: mac ? macText(mac) : null,
    permanentMac: permanentMac ? macText(permanentMac) : null,
    mtu: u32Of(attributes.get(IFLA_MTU)) ?? 0,
    operState: OPER_STATES[attributes.get(IFLA_OPERSTATE)?.[0] ?? 0] ?? 'unknown',
    master: u32Of(attributes.get(IFLA_MASTER)),
    peerIndex: u32Of(attributes.get(IFLA_LINK)),
    peerNetnsId: attributes.get(IFLA_LINK_NETNSID)?.readInt32LE(0) ?? null,
    altnames: names ? new Attributes(names).all(IFLA_ALT_IFNAME).map((name) => textOf(name) ?? '') : [],
  }
}

/** The most segments that a packet on its way to the link may have. */
export const gsoMaxSegsOf = (payload: Buffer): number =>
  new Attributes(payload, IFINFOMSG_LENGTH).u32(IFLA_GSO_MAX_SEGS)

/** The state of a bridge's port is in IFLA_INFO_SLAVE_DATA (BR_STATE_*, linux/if_bridge.h). */
function isLearning(info: Buffer | undefined): boolean {
  if (!info) return false
  const attributes = new Attributes(info)
  if (textOf(attributes.get(IFLA_INFO_SLAVE_KIND)) !== 'bridge') return false
  const port = attributes.get(IFLA_INFO_SLAVE_DATA)
  const state = port && new Attributes(port).get(IFLA_BRPORT_STATE)?.[0]
  return state === BR_STATE_LISTENING || state === BR_STATE_LEARNING
}
