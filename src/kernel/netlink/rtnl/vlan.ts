// VLANs: IFLA_VLAN_* (linux/if_link.h). Equals `ip link add … link PARENT type vlan`.
import { IFLA_LINK } from './constants.js'
import { createLink, type NewLink } from './new-link.js'
import type { Attributes } from './reader.js'
import { type Reported, wordOf } from './reported.js'
import type { Request } from './request.js'

const VLAN_ID = 1
const VLAN_PROTOCOL = 5
/** ETH_P_8021Q and ETH_P_8021AD (linux/if_ether.h). */
const PROTOCOLS = { '802.1q': 0x8100, '802.1ad': 0x88a8 } as const

export interface VlanSettings {
  /** ifindex of the device below it. */
  parent: number
  /** 1 to 4094. */
  id: number
  /** Protocol of the tag. The kernel's default, 802.1q, is not written. */
  protocol: keyof typeof PROTOCOLS
}

export function createVlan(vlan: NewLink & VlanSettings): Request {
  return createLink('vlan', vlan, (writer) => {
    if (vlan.protocol !== '802.1q') writer.u16be(VLAN_PROTOCOL, PROTOCOLS[vlan.protocol])
    writer.u16(VLAN_ID, vlan.id)
  })
}

export const readVlan = (data: Attributes, link: Attributes): Reported<VlanSettings> => ({
  parent: link.u32(IFLA_LINK),
  id: data.u16(VLAN_ID),
  protocol: wordOf(PROTOCOLS, data.u16be(VLAN_PROTOCOL) || PROTOCOLS['802.1q']),
})
