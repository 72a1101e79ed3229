// Makes a link anew with all that it had: from the messages in which the kernel reported the old one, makes the requests that
// give a new one with the same ifindex its settings, its place in a bridge or a VRF, and its forwarding entries.
import {
  AF_BRIDGE,
  IFF_UP,
  IFINFOMSG_LENGTH,
  IFLA_INFO_DATA,
  IFLA_INFO_SLAVE_DATA,
  IFLA_INFO_SLAVE_KIND,
  IFLA_LINKINFO,
  NDA_LLADDR,
  NDMSG_LENGTH,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_EXCL,
  NUD_PERMANENT,
  RTM_GETNEIGH,
  RTM_NEWLINK,
  RTM_NEWNEIGH,
} from './constants.js'
import { macText } from './ip.js'
import { Attributes, textOf } from './reader.js'
import type { Request } from './request.js'

/** IFLA_TXQLEN, _IFALIAS, _GROUP, _GSO_MAX_SIZE, _GRO_MAX_SIZE, _GSO_IPV4_MAX_SIZE and _GRO_IPV4_MAX_SIZE, linux/if_link.h. */
const SETTINGS = [13, 20, 27, 41, 58, 63, 64]
const IFLA_XDP = 43
const IFLA_XDP_ATTACHED = 2
/** IFF_NOARP, IFF_PROMISC, IFF_ALLMULTI, IFF_DYNAMIC and IFF_MULTICAST of linux/if.h: what `ip link set` sets, but for IFF_UP. */
const FLAGS = 0x80 | 0x100 | 0x200 | 0x8000 | 0x1000
/**
 * IFLA_BRPORT_* that a request may set: PRIORITY, COST, MODE, GUARD, PROTECT, FAST_LEAVE, LEARNING, UNICAST_FLOOD, PROXYARP,
 * PROXYARP_WIFI, MULTICAST_ROUTER, MCAST_FLOOD, MCAST_TO_UCAST, VLAN_TUNNEL, BCAST_FLOOD, GROUP_FWD_MASK, NEIGH_SUPPRESS, ISOLATED,
 * BACKUP_PORT, MCAST_EHT_HOSTS_LIMIT, LOCKED, MAB, MCAST_MAX_GROUPS, NEIGH_VLAN_SUPPRESS, BACKUP_NHID.
 */
const PORT_SETTINGS = [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 25, 27, 28, 29, 30, 31, 32, 33, 34, 37, 39, 40, 42, 43, 44]
const BRPORT_BACKUP_PORT = 34
/** linux/neighbour.h */
const NUD_NOARP = 0x40
const NTF_SELF = 0x02
const NTF_MASTER = 0x04
const NTF_PROXY = 0x08
const NDA_VLAN = 5

/** The link's own flags and settings, all but whether it is up. */
export const restoreLink = (target: string, payload: Buffer): Request => ({
  ...{ operation: 'restore link', target, type: RTM_NEWLINK, flags: 0 },
  encode: (writer) => {
    const start = writer.header(IFINFOMSG_LENGTH)
    writer.buffer.writeInt32LE(payload.readInt32LE(4), start + 4)
    writer.buffer.writeUInt32LE(payload.readUInt32LE(8) & FLAGS, start + 8)
    writer.buffer.writeUInt32LE(FLAGS, start + 12)
    const attributes = new Attributes(payload, IFINFOMSG_LENGTH)
    for (const type of SETTINGS) {
      const value = attributes.get(type)
      if (value) writer.bytes(type, value)
    }
  },
})

export const wasUp = (payload: Buffer): boolean => (payload.readUInt32LE(8) & IFF_UP) !== 0

/** Whether a program of XDP is attached. */
export function hasXdp(payload: Buffer): boolean {
  const own = new Attributes(payload, IFINFOMSG_LENGTH).get(IFLA_XDP)
  return own !== undefined && new Attributes(own).u8(IFLA_XDP_ATTACHED) !== 0
}

/** IFLA_INFO_KIND of what it is a member of; null for none. */
export function masterKind(payload: Buffer): string | null {
  const info = new Attributes(payload, IFINFOMSG_LENGTH).get(IFLA_LINKINFO)
  return info ? textOf(new Attributes(info).get(IFLA_INFO_SLAVE_KIND)) : null
}

/** ifindex of the link that a VXLAN sends over (IFLA_VXLAN_LINK); of other kinds, `LinkInfo.peerIndex` says it. */
export function vxlanLink(payload: Buffer): number {
  const info = new Attributes(payload, IFINFOMSG_LENGTH).get(IFLA_LINKINFO)
  return new Attributes((info && new Attributes(info).get(IFLA_INFO_DATA)) ?? Buffer.alloc(0)).u32(3)
}

/** The settings of a bridge's port, which it must be already; null for a link that was none. */
export function restorePort(target: string, payload: Buffer): Request | null {
  if (masterKind(payload) !== 'bridge') return null
  const info = new Attributes(payload, IFINFOMSG_LENGTH).get(IFLA_LINKINFO) as Buffer
  const attributes = new Attributes(new Attributes(info).get(IFLA_INFO_SLAVE_DATA) ?? Buffer.alloc(0))
  return {
    ...{ operation: 'restore bridge port', target, type: RTM_NEWLINK, flags: 0 },
    encode: (writer) => {
      writer.buffer.writeInt32LE(payload.readInt32LE(4), writer.header(IFINFOMSG_LENGTH) + 4)
      const nest = writer.nest(IFLA_LINKINFO)
      writer.bytes(IFLA_INFO_SLAVE_KIND, Buffer.from('bridge'))
      const data = writer.nest(IFLA_INFO_SLAVE_DATA)
      for (const type of PORT_SETTINGS) {
        const value = attributes.get(type)
        if (value) writer.bytes(type, value)
      }
      writer.endNest(data)
      writer.endNest(nest)
    },
  }
}

/** ifindex of the port that a bridge's port hands its frames to when it has no carrier; 0 for none. */
export function backupPort(payload: Buffer): number {
  if (masterKind(payload) !== 'bridge') return 0
  const info = new Attributes(payload, IFINFOMSG_LENGTH).get(IFLA_LINKINFO) as Buffer
  return new Attributes(new Attributes(info).get(IFLA_INFO_SLAVE_DATA) ?? Buffer.alloc(0)).u32(BRPORT_BACKUP_PORT)
}

/** Entries that answer for addresses of others. `ip neighbour show proxy` */
export const listProxies = (): Request => ({
  ...{ operation: 'list proxy neighbours', target: 'all', type: RTM_GETNEIGH, flags: NLM_F_DUMP },
  encode: (writer) => writer.buffer.writeUInt8(NTF_PROXY, writer.header(NDMSG_LENGTH) + 10),
})

/** Whether somebody has added a forwarding entry: what the bridge has learnt, it learns again. */
export function isAddedForwarding(payload: Buffer, index: number): boolean {
  const state = payload.readUInt16LE(8)
  const mac = new Attributes(payload, NDMSG_LENGTH).get(NDA_LLADDR)
  const isMulticast = mac === undefined || ((mac[0] as number) & 1) !== 0
  return payload.readInt32LE(4) === index && (state & (NUD_NOARP | NUD_PERMANENT)) !== 0 && !isMulticast
}

/** A text that is the same for the same forwarding entry. */
export function forwardingKey(payload: Buffer): string {
  const attributes = new Attributes(payload, NDMSG_LENGTH)
  const mac = attributes.get(NDA_LLADDR)
  return [payload.readUInt8(10) & NTF_SELF, mac ? macText(mac) : '', attributes.u16(NDA_VLAN)].join()
}

export const restoreForwarding = (target: string, payload: Buffer): Request => ({
  ...{ operation: 'restore forwarding entry', target, type: RTM_NEWNEIGH, flags: NLM_F_CREATE | NLM_F_EXCL },
  encode: (writer) => {
    const start = writer.header(NDMSG_LENGTH)
    writer.buffer.writeUInt8(AF_BRIDGE, start)
    writer.buffer.writeInt32LE(payload.readInt32LE(4), start + 4)
    writer.buffer.writeUInt16LE(payload.readUInt16LE(8), start + 8)
    writer.buffer.writeUInt8((payload.readUInt8(10) & NTF_SELF) !== 0 ? NTF_SELF : NTF_MASTER, start + 10)
    const attributes = new Attributes(payload, NDMSG_LENGTH)
    for (const type of [NDA_LLADDR, NDA_VLAN]) {
      const value = attributes.get(type)
      if (value) writer.bytes(type, value)
    }
  },
})
