// VXLAN (RFC 7348): IFLA_VXLAN_* (linux/if_link.h). Equals `ip link add … type vxlan`.
import { addressBytes, optionalAddress } from './ip.js'
import { createLink, type NewLink } from './new-link.js'
import type { Attributes } from './reader.js'
import type { Reported } from './reported.js'
import type { Request } from './request.js'

const VXLAN_ID = 1
const VXLAN_GROUP = 2
const VXLAN_LINK = 3
const VXLAN_LOCAL = 4
const VXLAN_TTL = 5
const VXLAN_LEARNING = 7
const VXLAN_PORT = 15
const VXLAN_GROUP6 = 16
const VXLAN_LOCAL6 = 17

export interface VxlanSettings {
  /** VXLAN network identifier, 24 bits. */
  id: number
  /** Destination of packets for unknown MAC addresses: one address, or a multicast group. */
  remote?: string | undefined
  local?: string | undefined
  /** ifindex of the device to send on. */
  dev?: number | undefined
  /** Time to live, or hop limit, of the outer header; 0, the kernel's default, uses that of the route. */
  ttl: number
  /** Whether it learns from received packets which remote has which MAC address. */
  learning: boolean
  /** UDP port. */
  dstport: number
}

export function createVxlan(vxlan: NewLink & VxlanSettings): Request {
  const { id, remote, local, dev, ttl, learning, dstport } = vxlan
  return createLink('vxlan', vxlan, (writer) => {
    if (dev !== undefined) writer.u32(VXLAN_LINK, dev)
    if (ttl !== 0) writer.u8(VXLAN_TTL, ttl)
    writer.u32(VXLAN_ID, id)
    if (local !== undefined) writer.bytes(local.includes(':') ? VXLAN_LOCAL6 : VXLAN_LOCAL, addressBytes(local))
    if (remote !== undefined) writer.bytes(remote.includes(':') ? VXLAN_GROUP6 : VXLAN_GROUP, addressBytes(remote))
    writer.u8(VXLAN_LEARNING, learning ? 1 : 0)
    writer.u16be(VXLAN_PORT, dstport)
  })
}

export const readVxlan = (data: Attributes): Reported<VxlanSettings, 'remote' | 'local' | 'dev'> => ({
  id: data.u32(VXLAN_ID),
  remote: optionalAddress(data.get(VXLAN_GROUP6) ?? data.get(VXLAN_GROUP)),
  local: optionalAddress(data.get(VXLAN_LOCAL6) ?? data.get(VXLAN_LOCAL)),
  dev: data.u32(VXLAN_LINK) || undefined,
  ttl: data.u8(VXLAN_TTL),
  learning: data.u8(VXLAN_LEARNING) !== 0,
  dstport: data.u16be(VXLAN_PORT),
})
