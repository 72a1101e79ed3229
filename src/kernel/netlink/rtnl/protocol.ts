// Which program or part of the kernel made a route, a next-hop object or a rule: RTPROT_* (linux/rtnetlink.h), by
// iproute2's names (rt_protos).
import { type UnknownWord, wordOf } from './reported.js'

export const RTPROT = {
  redirect: 1,
  kernel: 2,
  boot: 3,
  static: 4,
  ra: 9,
  dhcp: 16,
  bgp: 186,
  ospf: 188,
} as const

export type Protocol = keyof typeof RTPROT

export const protocolName = (number: number): Protocol | UnknownWord => wordOf(RTPROT, number)
