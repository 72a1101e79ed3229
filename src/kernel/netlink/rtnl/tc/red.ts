// Random early detection: TCA_RED_* (linux/pkt_sched.h, tc-red(8)). The kernel takes logarithms and a table that tc(8) computes
// (tc/tc_red.c in iproute2), and so does this.
import { Attributes } from '../reader.js'
import type { MessageWriter } from '../writer.js'
import { toProbability } from './numbers.js'

const RED_PARMS = 1
const RED_STAB = 2
const RED_MAX_P = 3
/** struct tc_red_qopt: limit, qth_min, qth_max, Wlog, Plog, Scell_log, flags. */
const PARMS_LENGTH = 16
const RED_ECN = 1
const STAB_LENGTH = 256
/** Largest shift in the table. */
const SHIFT_MAX = 31
const WHOLE = 2 ** 32
/** tc's `avpkt`: the length of a frame that the average is reckoned with. */
const AVERAGE_FRAME_BYTES = 1000
const TICKS_PER_US = 15.625

export interface RedSettings {
  limitBytes: number
  minBytes: number
  maxBytes: number
  /** 0 to 1, of dropping or marking a frame when the average is `maxBytes`. */
  probability: number
  ecn: boolean
}

export interface NewRed extends RedSettings {
  /** At which the queue empties; it tells for how many frames an idle time counts. */
  bytesPerSecond: number
  /** Frames that may come together before the average follows; tc's default when left out. */
  burstPackets?: number
}

/** `tc qdisc add … red limit … min … max … avpkt 1000 burst … bandwidth … probability …` */
export function writeRed(writer: MessageWriter, red: NewRed): void {
  const { limitBytes, minBytes, maxBytes, probability, bytesPerSecond, ecn } = red
  const burst = red.burstPackets ?? redBurst(red)
  const weightLog = weightLogOf(minBytes, burst)
  const table = idleTable(weightLog, bytesPerSecond)
  const parms = Buffer.alloc(PARMS_LENGTH)
  parms.writeUInt32LE(limitBytes, 0)
  parms.writeUInt32LE(minBytes, 4)
  parms.writeUInt32LE(maxBytes, 8)
  parms.set([weightLog, probabilityLogOf(maxBytes - minBytes, probability), table.cellLog, ecn ? RED_ECN : 0], 12)
  writer.bytes(RED_PARMS, parms)
  writer.bytes(RED_STAB, table.shifts)
  writer.u32(RED_MAX_P, Math.min(Math.floor(probability * WHOLE), WHOLE - 1))
}

/** tc's default burst: (2 min + max) / (3 avpkt). */
export const redBurst = ({ minBytes, maxBytes }: Pick<RedSettings, 'minBytes' | 'maxBytes'>): number =>
  Math.max(Math.floor((2 * minBytes + maxBytes) / (3 * AVERAGE_FRAME_BYTES)), Math.ceil(minBytes / AVERAGE_FRAME_BYTES))

export function readRed(options: Buffer): RedSettings {
  const own = new Attributes(options)
  const parms = own.get(RED_PARMS) ?? Buffer.alloc(PARMS_LENGTH)
  return {
    limitBytes: parms.readUInt32LE(0),
    minBytes: parms.readUInt32LE(4),
    maxBytes: parms.readUInt32LE(8),
    probability: toProbability(own.u32(RED_MAX_P)),
    ecn: (parms.readUInt8(15) & RED_ECN) !== 0,
  }
}

/** The smallest weight, as a negative power of 2, with which a burst from an empty queue stays below the minimum. */
function weightLogOf(minBytes: number, burst: number): number {
  const room = burst + 1 - minBytes / AVERAGE_FRAME_BYTES
  for (let log = 1; log < 32; log++) {
    const weight = 2 ** -log
    if (room <= (1 - (1 - weight) ** burst) / weight) return log
  }
  throw new RangeError('red: the burst is too large for the minimum')
}

function probabilityLogOf(span: number, probability: number): number {
  let scaled = probability / span
  for (let log = 0; log < 32; log++, scaled *= 2) if (scaled > 1) return log
  throw new RangeError('red: the probability is too small for the span between minimum and maximum')
}

/** By how many powers of 2 the average shrinks in an idle time, by that time in units of 2^cellLog ticks. */
function idleTable(weightLog: number, bytesPerSecond: number): { cellLog: number; shifts: Uint8Array } {
  const frameTicks = Math.floor(Math.floor((1e6 * AVERAGE_FRAME_BYTES) / bytesPerSecond) * TICKS_PER_US)
  // At rates at which a frame takes less than a microsecond, tc divides by zero.
  const perTick = -Math.log(1 - 2 ** -weightLog) / Math.max(frameTicks, 1)
  let cellLog = 0
  while (SHIFT_MAX / perTick / 2 ** cellLog >= 512) cellLog++
  const shifts = new Uint8Array(STAB_LENGTH)
  for (let at = 1; at < STAB_LENGTH; at++) shifts[at] = Math.min(Math.floor(at * 2 ** cellLog * perTick), SHIFT_MAX)
  shifts[STAB_LENGTH - 1] = SHIFT_MAX
  return { cellLog, shifts }
}
