// Settings of a port of a bridge: IFLA_BRPORT_* (linux/if_link.h) in IFLA_INFO_SLAVE_DATA. Equals `ip link set … type bridge_slave`.
import {
  IFINFOMSG_LENGTH,
  IFLA_INFO_SLAVE_DATA,
  IFLA_INFO_SLAVE_KIND,
  IFLA_LINKINFO,
  RTM_NEWLINK,
} from './constants.js'
import { Attributes, textOf } from './reader.js'
import type { Request } from './request.js'

/** IFLA_BRPORT_* */
const PRIORITY = 2
const COST = 3
const GROUP_FWD_MASK = 31

export interface BridgePortSettings {
  /** Path cost in the spanning tree, 1 to 65535. */
  cost: number
  /** 0 to 63. */
  priority: number
  /** Which frames to 01:80:C2:00:00:0X are forwarded: bit X. */
  groupFwdMask: number
}

/** What is left out stays as it is. The link must be a port already. */
export function setBridgePort({
  target,
  index,
  cost,
  priority,
  groupFwdMask,
}: { target: string; index: number } & { [Key in keyof BridgePortSettings]?: number | undefined }): Request {
  return {
    operation: 'change bridge port',
    target,
    type: RTM_NEWLINK,
    flags: 0,
    encode: (writer) => {
      const start = writer.header(IFINFOMSG_LENGTH)
      writer.buffer.writeInt32LE(index, start + 4)
      const info = writer.nest(IFLA_LINKINFO)
      writer.bytes(IFLA_INFO_SLAVE_KIND, Buffer.from('bridge'))
      const data = writer.nest(IFLA_INFO_SLAVE_DATA)
      if (cost !== undefined) writer.u32(COST, cost)
      if (priority !== undefined) writer.u16(PRIORITY, priority)
      if (groupFwdMask !== undefined) writer.u16(GROUP_FWD_MASK, groupFwdMask)
      writer.endNest(data)
      writer.endNest(info)
    },
  }
}

/** Reads the payload of an RTM_NEWLINK; null for a link that is no port of a bridge. */
export function parseBridgePort(payload: Buffer): BridgePortSettings | null {
  const info = new Attributes(payload, IFINFOMSG_LENGTH).get(IFLA_LINKINFO)
  const own = info && new Attributes(info)
  if (!own || textOf(own.get(IFLA_INFO_SLAVE_KIND)) !== 'bridge') return null
  const data = new Attributes(own.get(IFLA_INFO_SLAVE_DATA) ?? Buffer.alloc(0))
  return { cost: data.u32(COST), priority: data.u16(PRIORITY), groupFwdMask: data.u16(GROUP_FWD_MASK) }
}
