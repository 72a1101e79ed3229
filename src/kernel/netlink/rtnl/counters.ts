// Counters of links: IFLA_STATS64 with struct rtnl_link_stats64 (linux/if_link.h). Equals `ip -s link`.
import { IFINFOMSG_LENGTH, NLM_F_DUMP, RTM_GETLINK } from './constants.js'
import { Attributes } from './reader.js'
import type { Request } from './request.js'

const IFLA_STATS64 = 23

export interface LinkCounters {
  receivedPackets: number
  sentPackets: number
  receivedBytes: number
  sentBytes: number
  /** Frames that could not be handed over, as when the other end of a veth pair is down. */
  sentDrops: number
}

/** All links of a namespace, with their counters. */
export const listCounters = (): Request => ({
  ...{ operation: 'list links', target: 'all', type: RTM_GETLINK, flags: NLM_F_DUMP },
  encode: (writer) => writer.header(IFINFOMSG_LENGTH),
})

/** Reads the payload of an RTM_NEWLINK. */
export function parseCounters(payload: Buffer): LinkCounters {
  const stats = new Attributes(payload, IFINFOMSG_LENGTH).get(IFLA_STATS64)
  const at = (place: number): number =>
    stats && stats.length >= 8 * (place + 1) ? Number(stats.readBigUInt64LE(8 * place)) : 0
  return { receivedPackets: at(0), sentPackets: at(1), receivedBytes: at(2), sentBytes: at(3), sentDrops: at(7) }
}
