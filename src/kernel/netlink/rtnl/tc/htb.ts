// The hierarchical token bucket and its classes: TCA_HTB_* (linux/pkt_sched.h, tc-htb(8)).
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

const HTB_PARMS = 1
const HTB_INIT = 2
const HTB_RATE64 = 6
const HTB_CEIL64 = 7
const VERSION = 3
/** tc's value: `quantum` of a class that has none written is its rate divided by this. */
const RATE_TO_QUANTUM = 10
/** struct tc_htb_opt: rate, ceil, buffer, cbuffer, quantum, level, prio. */
const OPT_LENGTH = 44

export interface HtbSettings {
  /** Minor number of the class for frames that no filter matches; 0: these frames are not limited. */
  defaultClass: number
}

export interface HtbClass {
  rate: ShaperRate
  /** What it may have when its parent has room. */
  ceil: ShaperRate
  /** Bytes that may leave at once, at `rate` and at `ceil`. */
  burstBytes: number
  ceilBurstBytes: number
  /** Bytes that it sends in its turn, when several classes of one parent borrow: at least a frame, at most 200,000. */
  quantumBytes: number
}

/** struct tc_htb_glob: version, rate2quantum, defcls, debug, direct_pkts. */
export function writeHtb(writer: MessageWriter, { defaultClass }: HtbSettings): void {
  writer.u32s(HTB_INIT, [VERSION, RATE_TO_QUANTUM, defaultClass, 0, 0])
}

export function readHtb(options: Buffer): HtbSettings {
  const [, , defaultClass = 0] = new Attributes(options).u32s(HTB_INIT)
  return { defaultClass }
}

/** Writes a class. Its bursts have no attribute in bytes, only ticks. */
export function writeHtbClass(writer: MessageWriter, settings: HtbClass): void {
  const { rate, ceil, quantumBytes } = settings
  writeRate64(writer, HTB_RATE64, rate)
  writeRate64(writer, HTB_CEIL64, ceil)
  const opt = Buffer.alloc(OPT_LENGTH)
  opt.writeUInt32LE(burstTicks(settings.burstBytes, rate.bytesPerSecond), 2 * RATESPEC_LENGTH)
  opt.writeUInt32LE(burstTicks(settings.ceilBurstBytes, ceil.bytesPerSecond), 2 * RATESPEC_LENGTH + 4)
  opt.writeUInt32LE(quantumBytes, 2 * RATESPEC_LENGTH + 8)
  const at = writer.bytes(HTB_PARMS, opt)
  writeRateSpec(writer, at, rate)
  writeRateSpec(writer, at + RATESPEC_LENGTH, ceil)
}

/** The bursts are computed from ticks, and so some bytes off. */
export function readHtbClass(options: Buffer): HtbClass {
  const own = new Attributes(options)
  const opt = own.get(HTB_PARMS) ?? Buffer.alloc(OPT_LENGTH)
  const rate = readRate(opt, 0, own, HTB_RATE64)
  const ceil = readRate(opt, RATESPEC_LENGTH, own, HTB_CEIL64)
  return {
    rate,
    ceil,
    burstBytes: burstBytes(opt.readUInt32LE(2 * RATESPEC_LENGTH), rate.bytesPerSecond),
    ceilBurstBytes: burstBytes(opt.readUInt32LE(2 * RATESPEC_LENGTH + 4), ceil.bytesPerSecond),
    quantumBytes: opt.readUInt32LE(2 * RATESPEC_LENGTH + 8),
  }
}
