// ipvlan: IFLA_IPVLAN_* (linux/if_link.h). Equals `ip link add … link PARENT type ipvlan`.
import { createLink, type NewUpperLink } from './new-link.js'
import type { Request } from './request.js'

const IPVLAN_MODE = 1
const IPVLAN_FLAGS = 2
/** IPVLAN_MODE_*, IPVLAN_F_* */
const MODES = { l2: 0, l3: 1, l3s: 2 } as const
const FLAGS = { bridge: 0, private: 1, vepa: 2 } as const

export interface NewIpvlan extends NewUpperLink {
  mode: keyof typeof MODES
  /** Who may talk to whom on the same parent. */
  flag: keyof typeof FLAGS
}

export function createIpvlan(ipvlan: NewIpvlan): Request {
  return createLink('ipvlan', ipvlan, (writer) => {
    writer.u16(IPVLAN_MODE, MODES[ipvlan.mode])
    writer.u16(IPVLAN_FLAGS, FLAGS[ipvlan.flag])
  })
}
