// Rates of tbf and htb: struct tc_ratespec (linux/pkt_sched.h), and the ticks in which their bursts are written.
import type { Attributes } from '../reader.js'
import type { MessageWriter } from '../writer.js'

export const RATESPEC_LENGTH = 12
const U32_MAX = 0xffff_ffff
/** TC_LINKLAYER_ETHERNET: the kernel computes the time of a frame itself, and needs no rate table (RTAB). */
const LINKLAYER_ETHERNET = 1
/** Length of a tick: PSCHED_SHIFT in net/pkt_sched.h; /proc/net/psched has the same number on every kernel since 2.6.31. */
const TICK_NS = 64

export interface ShaperRate {
  bytesPerSecond: number
  /** Bytes added to each frame, 0 to 65,535. */
  overheadBytes: number
}

/** Writes a struct tc_ratespec. A rate of 2³² bytes a second or more has an attribute of its own as well (see `writeRate64`). */
export function writeRateSpec(writer: MessageWriter, at: number, { bytesPerSecond, overheadBytes }: ShaperRate): void {
  writer.buffer.writeUInt8(LINKLAYER_ETHERNET, at + 1)
  writer.buffer.writeUInt16LE(overheadBytes, at + 2)
  writer.buffer.writeUInt32LE(Math.min(bytesPerSecond, U32_MAX), at + 8)
}

/** Writes the attribute with the whole rate where struct tc_ratespec has no room for it. */
export function writeRate64(writer: MessageWriter, type: number, { bytesPerSecond }: ShaperRate): void {
  if (bytesPerSecond > U32_MAX) writer.u64(type, BigInt(bytesPerSecond))
}

/** Reads both. @param type of the attribute with the whole rate */
export function readRate(value: Buffer, at: number, attributes: Attributes, type: number): ShaperRate {
  return {
    bytesPerSecond: Number(attributes.u64(type)) || value.readUInt32LE(at + 8),
    overheadBytes: value.readUInt16LE(at + 2),
  }
}

/** The time of a burst at a rate, in ticks, rounded up, so that a frame as long as the burst never waits for ever. */
export const burstTicks = (bytes: number, bytesPerSecond: number): number =>
  Math.min(Math.ceil((bytes * 1e9) / bytesPerSecond / TICK_NS), U32_MAX)

/** The reverse; some bytes more, since ticks are rounded. */
export const burstBytes = (ticks: number, bytesPerSecond: number): number =>
  Math.floor((ticks * TICK_NS * bytesPerSecond) / 1e9)
