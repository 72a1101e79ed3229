// Slots of netem, in which frames are sent together, as by a link with time division: struct tc_netem_slot (linux/pkt_sched.h).
import type { MessageWriter } from '../writer.js'
import { tableBytes } from './numbers.js'

/** min_delay, max_delay, max_packets, max_bytes, dist_delay, dist_jitter. */
const SLOT_LENGTH = 40
/** What the kernel reports for no limit. */
const INT_MAX = 0x7fff_ffff

export interface NetemSlot {
  /** Time between slots: uniform between two ends, or with a mean and a jitter, by a distribution in 8,192nds of the jitter. */
  time:
    | { minNs: number; maxNs: number }
    /** `distribution` is not reported. */
    | { meanNs: number; jitterNs: number; distribution?: readonly number[] | undefined }
  /** Most that one slot sends; absent: no limit. */
  packets?: number | undefined
  bytes?: number | undefined
}

/** Writes zeros for no slots: an attribute that is missing keeps the old ones. */
export function writeSlot(writer: MessageWriter, type: number, tableType: number, slot: NetemSlot | undefined): void {
  const bytes = Buffer.alloc(SLOT_LENGTH)
  const time = slot?.time
  if (time && 'minNs' in time) {
    bytes.writeBigInt64LE(BigInt(time.minNs), 0)
    bytes.writeBigInt64LE(BigInt(time.maxNs), 8)
  } else if (time) {
    bytes.writeBigInt64LE(BigInt(time.meanNs), 24)
    bytes.writeBigInt64LE(BigInt(time.jitterNs), 32)
  }
  bytes.writeInt32LE(slot?.packets ?? 0, 16)
  bytes.writeInt32LE(slot?.bytes ?? 0, 20)
  writer.bytes(type, bytes)
  if (time && 'meanNs' in time && time.distribution) writer.bytes(tableType, tableBytes(time.distribution))
}

export function readSlot(value: Buffer | undefined): NetemSlot | undefined {
  if (!value || value.length < SLOT_LENGTH) return undefined
  const [minNs, maxNs, meanNs, jitterNs] = [0, 8, 24, 32].map((at) => Number(value.readBigInt64LE(at))) as [
    number,
    number,
    number,
    number,
  ]
  if (minNs === 0 && maxNs === 0 && jitterNs === 0) return undefined
  return {
    time: jitterNs === 0 ? { minNs, maxNs } : { meanNs, jitterNs },
    packets: mostOf(value.readInt32LE(16)),
    bytes: mostOf(value.readInt32LE(20)),
  }
}

const mostOf = (most: number): number | undefined => (most === 0 || most === INT_MAX ? undefined : most)
