// ipvlan: IFLA_IPVLAN_* (linux/if_link.h). Equals `ip link add … link PARENT type ipvlan`.
import { IFLA_LINK } from './constants.js'
import { createLink, type NewLink } from './new-link.js'
import type { Attributes } from './reader.js'
import { type Reported, wordOf } from './reported.js'
import type { Request } from './request.js'

const IPVLAN_MODE = 1
const IPVLAN_FLAGS = 2
/** IPVLAN_MODE_*, IPVLAN_F_* */
const MODES = { l2: 0, l3: 1, l3s: 2 } as const
const FLAGS = { bridge: 0, private: 1, vepa: 2 } as const

export interface IpvlanSettings {
  /** ifindex of the device below it. */
  parent: number
  mode: keyof typeof MODES
  /** Which ipvlans of the same parent may exchange packets. */
  flag: keyof typeof FLAGS
}

export function createIpvlan(ipvlan: NewLink & IpvlanSettings): Request {
  return createLink('ipvlan', ipvlan, (writer) => {
    writer.u16(IPVLAN_MODE, MODES[ipvlan.mode])
    writer.u16(IPVLAN_FLAGS, FLAGS[ipvlan.flag])
  })
}

export const readIpvlan = (data: Attributes, link: Attributes): Reported<IpvlanSettings> => ({
  parent: link.u32(IFLA_LINK),
  mode: wordOf(MODES, data.u16(IPVLAN_MODE)),
  flag: wordOf(FLAGS, data.u16(IPVLAN_FLAGS)),
})
