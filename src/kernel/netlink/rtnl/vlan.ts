// VLANs: IFLA_VLAN_* (linux/if_link.h). Equals `ip link add … link PARENT type vlan`.
import { createLink, type NewUpperLink } from './new-link.js'
import type { Request } from './request.js'

const VLAN_ID = 1
const VLAN_PROTOCOL = 5
/** linux/if_ether.h */
const ETH_P_8021AD = 0x88a8

export interface NewVlan extends NewUpperLink {
  /** 1 to 4094. */
  id: number
  /** Of the tag. 802.1q is the kernel's default and not written. */
  protocol: '802.1q' | '802.1ad'
}

export function createVlan(vlan: NewVlan): Request {
  return createLink('vlan', vlan, (writer) => {
    if (vlan.protocol === '802.1ad') writer.u16be(VLAN_PROTOCOL, ETH_P_8021AD)
    writer.u16(VLAN_ID, vlan.id)
  })
}
