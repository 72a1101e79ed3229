// tun and tap devices as route netlink reports them: IFLA_TUN_* (linux/if_link.h). It cannot make them: src/kernel/tun.ts
// does.
import type { Attributes } from './reader.js'
import { type Reported, wordOf } from './reported.js'

const TUN_TYPE = 3

/** IFF_TUN and IFF_TAP (linux/if_tun.h). */
export const TUN_MODES = { tun: 1, tap: 2 } as const

export interface TunSettings {
  /** What a program reads and writes at the other end: IP packets or Ethernet frames. */
  mode: keyof typeof TUN_MODES
}

export const readTun = (data: Attributes): Reported<TunSettings> => ({ mode: wordOf(TUN_MODES, data.u8(TUN_TYPE)) })
