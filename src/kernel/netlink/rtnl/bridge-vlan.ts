// VLANs of a bridge's ports: RTM_SETLINK and RTM_DELLINK of the bridge family (linux/if_bridge.h). Equals `bridge vlan`.
import { RTM_DELLINK } from './constants.js'
import type { Request } from './request.js'

const RTM_SETLINK = 19
const AF_BRIDGE = 7
const IFINFOMSG_LENGTH = 16
const IFLA_AF_SPEC = 26
/** In IFLA_AF_SPEC. */
const BRIDGE_FLAGS = 0
const BRIDGE_VLAN_INFO = 2
const FLAGS_SELF = 2
/** struct bridge_vlan_info: flags, VLAN */
const VLAN_INFO_PVID = 1 << 1
const VLAN_INFO_UNTAGGED = 1 << 2

export interface BridgeVlan {
  target: string
  /** ifindex of the port, or of the bridge itself. */
  index: number
  /** 1 to 4094. */
  vid: number
  /** Packets without a tag are this VLAN's, and leave without one. */
  untagged: boolean
  /** The bridge's own membership. */
  self: boolean
}

/** `bridge vlan add dev … vid … [pvid untagged] [self]` */
export const addBridgeVlan = (vlan: BridgeVlan): Request => vlanRequest('add VLAN', RTM_SETLINK, vlan)

/** `bridge vlan del dev … vid … [self]` */
export const deleteBridgeVlan = (vlan: Omit<BridgeVlan, 'untagged'>): Request =>
  vlanRequest('delete VLAN', RTM_DELLINK, { ...vlan, untagged: false })

function vlanRequest(operation: string, type: number, { target, index, vid, untagged, self }: BridgeVlan): Request {
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
      const info = Buffer.alloc(4)
      info.writeUInt16LE(untagged ? VLAN_INFO_PVID | VLAN_INFO_UNTAGGED : 0, 0)
      info.writeUInt16LE(vid, 2)
      writer.bytes(BRIDGE_VLAN_INFO, info)
      writer.endNest(spec)
    },
  }
}
