// The token bucket filter: TCA_TBF_* (linux/pkt_sched.h, tc-tbf(8)).
import { Attributes } from '../reader.js'
import type { MessageWriter } from '../writer.js'
import {
  burstBytes,
  burstTicks,
  RATESPEC_LENGTH,
  readRate,
  type ShaperRate,
  writeRate64,
  writeRateSpec,
} from './rate.js'

const TBF_PARMS = 1
const TBF_RATE64 = 4
const TBF_BURST = 6
/** struct tc_tbf_qopt: rate, peakrate, limit, buffer, mtu. */
const PARMS_LENGTH = 36

export interface TbfSettings extends ShaperRate {
  /** Bytes that may leave at once. The kernel drops every frame that is longer. */
  burstBytes: number
  /** Bytes that its queue holds, until it is given another queue. */
  limitBytes: number
}

export function writeTbf(writer: MessageWriter, settings: TbfSettings): void {
  const parms = Buffer.alloc(PARMS_LENGTH)
  parms.writeUInt32LE(settings.limitBytes, 2 * RATESPEC_LENGTH)
  parms.writeUInt32LE(burstTicks(settings.burstBytes, settings.bytesPerSecond), 2 * RATESPEC_LENGTH + 4)
  writeRateSpec(writer, writer.bytes(TBF_PARMS, parms), settings)
  // In bytes: the kernel then does not use the ticks, which are too coarse at high rates (tbf_change in sch_tbf.c).
  writer.u32(TBF_BURST, settings.burstBytes)
  writeRate64(writer, TBF_RATE64, settings)
}

/** The burst is computed from ticks, and so some bytes off. */
export function readTbf(options: Buffer): TbfSettings {
  const own = new Attributes(options)
  const parms = own.get(TBF_PARMS) ?? Buffer.alloc(PARMS_LENGTH)
  const rate = readRate(parms, 0, own, TBF_RATE64)
  return {
    ...rate,
    burstBytes: burstBytes(parms.readUInt32LE(2 * RATESPEC_LENGTH + 4), rate.bytesPerSecond),
    limitBytes: parms.readUInt32LE(2 * RATESPEC_LENGTH),
  }
}
