// macvlan: IFLA_MACVLAN_* (linux/if_link.h). Equals `ip link add … link PARENT type macvlan`.
import { IFLA_LINK } from './constants.js'
import { createLink, type NewLink } from './new-link.js'
import type { Attributes } from './reader.js'
import { type Reported, wordOf } from './reported.js'
import type { Request } from './request.js'

const MACVLAN_MODE = 1
/** MACVLAN_MODE_* */
const MODES = { private: 1, vepa: 2, bridge: 4, passthru: 8 } as const

export interface MacvlanSettings {
  /** ifindex of the device below it. */
  parent: number
  /** Which macvlans of the same parent may exchange packets. */
  mode: keyof typeof MODES
}

export const createMacvlan = (macvlan: NewLink & MacvlanSettings): Request =>
  createLink('macvlan', macvlan, (writer) => writer.u32(MACVLAN_MODE, MODES[macvlan.mode]))

export const readMacvlan = (data: Attributes, link: Attributes): Reported<MacvlanSettings> => ({
  parent: link.u32(IFLA_LINK),
  mode: wordOf(MODES, data.u32(MACVLAN_MODE)),
})
