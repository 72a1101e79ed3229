// VLANs of a bridge's ports: RTM_SETLINK, RTM_DELLINK and RTM_GETLINK of the bridge family (linux/if_bridge.h). Equals
// `bridge vlan`.
import {
  AF_BRIDGE,
  IFINFOMSG_LENGTH,
  IFLA_EXT_MASK,
  IFLA_MASTER,
  NLM_F_DUMP,
  RTM_DELLINK,
  RTM_GETLINK,
} from './constants.js'
import { Attributes } from './reader.js'
import type { Request } from './request.js'

const RTM_SETLINK = 19
const IFLA_AF_SPEC = 26
/** In IFLA_AF_SPEC. */
const BRIDGE_FLAGS = 0
const BRIDGE_VLAN_INFO = 2
const FLAGS_SELF = 2
/** struct bridge_vlan_info: flags, VLAN. A range of VLANs with the same flags is two of them. */
const VLAN_INFO_LENGTH = 4
const VLAN_INFO_PVID = 1 << 1
const VLAN_INFO_UNTAGGED = 1 << 2
const VLAN_INFO_RANGE_END = 1 << 4
/** Asks for VLANs, and for ranges where it can: a port with thousands would not fit into one message. */
const RTEXT_FILTER_BRVLAN_COMPRESSED = 1 << 2

export interface BridgeVlanSettings {
  /** ifindex of the port, or of the bridge itself. */
  index: number
  /** 1 to 4094. */
  vid: number
  /** Packets that come in without a tag are in this VLAN. A port has at most one of these. */
  pvid: boolean
  /** Packets of this VLAN go out without a tag. */
  untagged: boolean
  /** Whether the bridge itself is the member, not one of its ports. */
  self: boolean
}

interface BridgeVlan extends BridgeVlanSettings {
  target: string
}

/** `bridge vlan add dev … vid … [pvid] [untagged] [self]` */
export const addBridgeVlan = (vlan: BridgeVlan): Request => vlanRequest('add VLAN', RTM_SETLINK, vlan)

/** `bridge vlan del dev … vid … [self]` */
export const deleteBridgeVlan = (vlan: Omit<BridgeVlan, 'pvid' | 'untagged'>): Request =>
  vlanRequest('delete VLAN', RTM_DELLINK, { ...vlan, pvid: false, untagged: false })

function vlanRequest(operation: string, type: number, vlan: BridgeVlan): Request {
  const { target, index, vid, pvid, untagged, self } = vlan
  return {
    operation,
    target,
    type,
    flags: 0,
    encode: (writer) => {
      const start = writer.header(IFINFOMSG_LENGTH)
      writer.buffer.writeUInt8(AF_BRIDGE, start)
      writer.buffer.writeInt32LE(index, start + 4)
      const spec = writer.nest(IFLA_AF_SPEC)
      if (self) writer.u16(BRIDGE_FLAGS, FLAGS_SELF)
      const info = Buffer.alloc(VLAN_INFO_LENGTH)
      info.writeUInt16LE((pvid ? VLAN_INFO_PVID : 0) | (untagged ? VLAN_INFO_UNTAGGED : 0), 0)
      info.writeUInt16LE(vid, 2)
      writer.bytes(BRIDGE_VLAN_INFO, info)
      writer.endNest(spec)
    },
  }
}

/** VLANs of all bridges of a namespace, and of their ports. */
export function listBridgeVlans(): Request {
  return {
    operation: 'list VLANs',
    target: 'all',
    type: RTM_GETLINK,
    flags: NLM_F_DUMP,
    encode: (writer) => {
      writer.buffer.writeUInt8(AF_BRIDGE, writer.header(IFINFOMSG_LENGTH))
      writer.u32(IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN_COMPRESSED)
    },
  }
}

/** Reads the payload of one RTM_NEWLINK of the bridge family: the VLANs of one port, or of a bridge. */
export function parseBridgeVlans(payload: Buffer): BridgeVlanSettings[] {
  const link = new Attributes(payload, IFINFOMSG_LENGTH)
  const spec = link.get(IFLA_AF_SPEC)
  if (!spec) return []
  const index = payload.readInt32LE(4)
  const self = link.u32(IFLA_MASTER) === index
  const vlans: BridgeVlanSettings[] = []
  for (const info of new Attributes(spec).all(BRIDGE_VLAN_INFO)) {
    const flags = info.readUInt16LE(0)
    const last = info.readUInt16LE(2)
    const begin = flags & VLAN_INFO_RANGE_END ? vlans.at(-1)?.vid : undefined
    const pvid = (flags & VLAN_INFO_PVID) !== 0
    const untagged = (flags & VLAN_INFO_UNTAGGED) !== 0
    for (let vid = begin === undefined ? last : begin + 1; vid <= last; vid++) {
      vlans.push({ index, vid, pvid, untagged, self })
    }
  }
  return vlans
}
