// macvlan: IFLA_MACVLAN_* (linux/if_link.h). Equals `ip link add … link PARENT type macvlan`.
import { createLink, type NewUpperLink } from './new-link.js'
import type { Request } from './request.js'

const MACVLAN_MODE = 1
/** MACVLAN_MODE_* */
const MODES = { private: 1, vepa: 2, bridge: 4, passthru: 8 } as const

export type MacvlanMode = keyof typeof MODES

export const createMacvlan = (macvlan: NewUpperLink & { mode: MacvlanMode }): Request =>
  createLink('macvlan', macvlan, (writer) => writer.u32(MACVLAN_MODE, MODES[macvlan.mode]))
