// Bridges: IFLA_BR_* (linux/if_link.h). Equals `ip link add … type bridge`.
import { createLink, type NewLink } from './new-link.js'
import type { Attributes } from './reader.js'
import type { Reported } from './reported.js'
import type { Request } from './request.js'

/** IFLA_BR_* */
const FORWARD_DELAY = 1
const HELLO_TIME = 2
const MAX_AGE = 3
const AGEING_TIME = 4
const STP_STATE = 5
const PRIORITY = 6
export const VLAN_FILTERING = 7
const GROUP_FWD_MASK = 9
const MCAST_SNOOPING = 23
const VLAN_DEFAULT_PVID = 39
/** Unit of a bridge's times in its attributes: ticks a second. */
const USER_HZ = 100

/**
 * A setting that is left out has the kernel's default. The kernel rounds times to its timer ticks, so it may report a time
 * that is 0.01 s shorter than the one written.
 */
export interface BridgeSettings {
  forwardDelaySeconds?: number | undefined
  helloTimeSeconds?: number | undefined
  maxAgeSeconds?: number | undefined
  ageingSeconds?: number | undefined
  /** Spanning tree protocol (IEEE 802.1D). */
  stp?: boolean | undefined
  priority?: number | undefined
  vlanFiltering?: boolean | undefined
  multicastSnooping?: boolean | undefined
  /** VLAN that untagged packets get at a new port; 0 for none. */
  defaultPvid?: number | undefined
  /** Which frames to 01:80:C2:00:00:0X are forwarded: bit X. The kernel refuses bits 0 to 2. */
  groupFwdMask?: number | undefined
}

export function createBridge(bridge: NewLink & BridgeSettings): Request {
  const values: [attribute: number, size: 'u8' | 'u16' | 'u32', value: number | boolean | undefined][] = [
    [FORWARD_DELAY, 'u32', ticks(bridge.forwardDelaySeconds)],
    [HELLO_TIME, 'u32', ticks(bridge.helloTimeSeconds)],
    [MAX_AGE, 'u32', ticks(bridge.maxAgeSeconds)],
    [AGEING_TIME, 'u32', ticks(bridge.ageingSeconds)],
    [STP_STATE, 'u32', bridge.stp],
    [PRIORITY, 'u16', bridge.priority],
    [VLAN_FILTERING, 'u8', bridge.vlanFiltering],
    [GROUP_FWD_MASK, 'u16', bridge.groupFwdMask],
    [MCAST_SNOOPING, 'u8', bridge.multicastSnooping],
    [VLAN_DEFAULT_PVID, 'u16', bridge.defaultPvid],
  ]
  const given = values.filter(([, , value]) => value !== undefined)
  if (given.length === 0) return createLink('bridge', bridge)
  return createLink('bridge', bridge, (writer) => {
    for (const [attribute, size, value] of given) writer[size](attribute, Number(value))
  })
}

/** A kernel without multicast snooping or VLAN filtering sends no attributes for them; they are read as off. */
export const readBridge = (data: Attributes): Reported<BridgeSettings> => ({
  forwardDelaySeconds: data.u32(FORWARD_DELAY) / USER_HZ,
  helloTimeSeconds: data.u32(HELLO_TIME) / USER_HZ,
  maxAgeSeconds: data.u32(MAX_AGE) / USER_HZ,
  ageingSeconds: data.u32(AGEING_TIME) / USER_HZ,
  stp: data.u32(STP_STATE) !== 0,
  priority: data.u16(PRIORITY),
  vlanFiltering: data.u8(VLAN_FILTERING) !== 0,
  multicastSnooping: data.u8(MCAST_SNOOPING) !== 0,
  defaultPvid: data.u16(VLAN_DEFAULT_PVID),
  groupFwdMask: data.u16(GROUP_FWD_MASK),
})

const ticks = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : Math.round(seconds * USER_HZ)
