// Bridges: IFLA_BR_* (linux/if_link.h). Equals `ip link add … type bridge`.
import { createLink, type NewLink } from './new-link.js'
import type { Request } from './request.js'

/** IFLA_BR_* */
const FORWARD_DELAY = 1
const HELLO_TIME = 2
const MAX_AGE = 3
const AGEING_TIME = 4
const STP_STATE = 5
const PRIORITY = 6
export const VLAN_FILTERING = 7
const MCAST_SNOOPING = 23
const VLAN_DEFAULT_PVID = 39

/** What is left out is as the kernel has it. */
export interface BridgeOptions {
  forwardDelaySeconds?: number | undefined
  helloTimeSeconds?: number | undefined
  maxAgeSeconds?: number | undefined
  ageingSeconds?: number | undefined
  /** Spanning tree protocol (IEEE 802.1D). */
  stp?: boolean | undefined
  priority?: number | undefined
  vlanFiltering?: boolean | undefined
  multicastSnooping?: boolean | undefined
  /** VLAN of untagged packets at a new port; 0 for none. */
  defaultPvid?: number | undefined
}

export function createBridge(bridge: NewLink & BridgeOptions): Request {
  const values: [attribute: number, size: 'u8' | 'u16' | 'u32', value: number | boolean | undefined][] = [
    [FORWARD_DELAY, 'u32', ticks(bridge.forwardDelaySeconds)],
    [HELLO_TIME, 'u32', ticks(bridge.helloTimeSeconds)],
    [MAX_AGE, 'u32', ticks(bridge.maxAgeSeconds)],
    [AGEING_TIME, 'u32', ticks(bridge.ageingSeconds)],
    [STP_STATE, 'u32', bridge.stp],
    [PRIORITY, 'u16', bridge.priority],
    [VLAN_FILTERING, 'u8', bridge.vlanFiltering],
    [MCAST_SNOOPING, 'u8', bridge.multicastSnooping],
    [VLAN_DEFAULT_PVID, 'u16', bridge.defaultPvid],
  ]
  const given = values.filter(([, , value]) => value !== undefined)
  if (given.length === 0) return createLink('bridge', bridge)
  return createLink('bridge', bridge, (writer) => {
    for (const [attribute, size, value] of given) writer[size](attribute, Number(value))
  })
}

/** Times of bridges are in USER_HZ, hundredths of a second. */
const ticks = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : Math.round(seconds * 100)
