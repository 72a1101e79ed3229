// Counters of disciplines and classes: TCA_STATS2 (linux/gen_stats.h). tc_stats_basic_hw counts the same frames again.
import { Attributes } from '../reader.js'

const TCA_STATS2 = 7
const STATS_BASIC = 1
const STATS_QUEUE = 3
const STATS_PKT64 = 8

export interface TcStatistics {
  bytes: number
  packets: number
  /** In the queue now. */
  queuedPackets: number
  queuedBytes: number
  drops: number
  /** How often a frame had to wait for the rate. */
  overlimits: number
}

const NONE: TcStatistics = { bytes: 0, packets: 0, queuedPackets: 0, queuedBytes: 0, drops: 0, overlimits: 0 }

/** @param attributes of the whole message */
export function readStatistics(attributes: Attributes): TcStatistics {
  const value = attributes.get(TCA_STATS2)
  if (!value) return NONE
  const all = new Attributes(value)
  const basic = all.get(STATS_BASIC)
  const [queuedPackets = 0, queuedBytes = 0, drops = 0, , overlimits = 0] = all.u32s(STATS_QUEUE)
  return {
    bytes: basic ? Number(basic.readBigUInt64LE(0)) : 0,
    // The counter of 64 bits is there when the other one is too small (Linux 5.5).
    packets: Number(all.u64(STATS_PKT64)) || (basic?.readUInt32LE(8) ?? 0),
    queuedPackets,
    queuedBytes,
    drops,
    overlimits,
  }
}
