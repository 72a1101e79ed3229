// The network emulator: TCA_NETEM_* (linux/pkt_sched.h, tc-netem(8)).
import { Attributes } from '../reader.js'
import type { MessageWriter } from '../writer.js'
import { type NetemLoss, readLoss, writeLoss } from './netem-loss.js'
import { type NetemSlot, readSlot, writeSlot } from './netem-slot.js'
import { fromProbability, tableBytes, toProbability } from './numbers.js'

/** struct tc_netem_qopt: latency, limit, loss, gap, duplicate, jitter. The other attributes follow it. */
const QOPT_LENGTH = 24
const NETEM_CORR = 1
const NETEM_DELAY_DIST = 2
const NETEM_REORDER = 3
const NETEM_CORRUPT = 4
const NETEM_LOSS = 5
const NETEM_RATE = 6
const NETEM_ECN = 7
const NETEM_RATE64 = 8
const NETEM_LATENCY64 = 10
const NETEM_JITTER64 = 11
const NETEM_SLOT = 12
const NETEM_SLOT_DIST = 13
const NETEM_PRNG_SEED = 14
const U32_MAX = 0xffff_ffff
/** Of a tick of latency and jitter in struct tc_netem_qopt, which kernels before 4.15 report alone. */
const TICK_NS = 64

/** Probabilities and correlations are 0 to 1. */
export interface NetemChance {
  probability: number
  correlation: number
}

export interface NetemRate {
  bytesPerSecond: number
  /** Added to each frame; may be negative. */
  overheadBytes: number
  /** Length of the cells that a frame is cut into, and the header of each; 0 for none. */
  cellBytes: number
  cellOverheadBytes: number
}

/** What is left out is none. */
export interface NetemSettings {
  /** Frames that it holds. */
  limitPackets: number
  delayNs?: number
  /** At most 2³¹ − 1 ns. */
  jitterNs?: number
  jitterCorrelation?: number
  /** Inverse of the jitter's cumulative distribution, in 8,192nds of the jitter; uniform when left out. Is not reported. */
  distribution?: readonly number[] | undefined
  loss?: NetemLoss
  duplicate?: NetemChance
  corrupt?: NetemChance
  /** `gap` 0: no reordering. */
  reorder?: NetemChance & { gap: number }
  /** `bytesPerSecond` 0: no rate. */
  rate?: NetemRate
  /** Marks what it would lose, where the transport has ECN. */
  ecn?: boolean
  slot?: NetemSlot | undefined
  /** Makes the random numbers the same each time (Linux 6.6). */
  seed?: bigint | undefined
}

const NEVER: NetemChance = { probability: 0, correlation: 0 }
const UNLIMITED: NetemRate = { bytesPerSecond: 0, overheadBytes: 0, cellBytes: 0, cellOverheadBytes: 0 }

/**
 * Writes everything, zeros included: when a netem is changed, correlations, reordering, corruption, rate, ECN and slots keep
 * their old values where an attribute is missing (netem_change in net/sched/sch_netem.c). A distribution can only be replaced
 * by another one: to go back to uniform jitter, the netem must be deleted.
 */
export function writeNetem(writer: MessageWriter, settings: NetemSettings): void {
  const { limitPackets, delayNs = 0, jitterNs = 0, jitterCorrelation = 0, distribution, ecn = false } = settings
  const { loss, duplicate = NEVER, corrupt = NEVER, reorder = { ...NEVER, gap: 0 }, slot, seed } = settings
  const random = loss?.model === 'random' ? loss : NEVER
  const start = writer.header(QOPT_LENGTH)
  // Latency and jitter here are ticks of 64 ns; the attributes of 64 bits say them exactly.
  writer.buffer.writeUInt32LE(limitPackets, start + 4)
  writer.buffer.writeUInt32LE(fromProbability(random.probability), start + 8)
  writer.buffer.writeUInt32LE(reorder.gap, start + 12)
  writer.buffer.writeUInt32LE(fromProbability(duplicate.probability), start + 16)
  writer.u64(NETEM_LATENCY64, BigInt(delayNs))
  writer.u64(NETEM_JITTER64, BigInt(jitterNs))
  writer.u32s(NETEM_CORR, [jitterCorrelation, random.correlation, duplicate.correlation].map(fromProbability))
  writer.u32s(NETEM_REORDER, [reorder.probability, reorder.correlation].map(fromProbability))
  writer.u32(NETEM_ECN, ecn ? 1 : 0)
  writer.u32s(NETEM_CORRUPT, [corrupt.probability, corrupt.correlation].map(fromProbability))
  if (loss) writeLoss(writer, NETEM_LOSS, loss)
  writeRate(writer, settings.rate ?? UNLIMITED)
  writeSlot(writer, NETEM_SLOT, NETEM_SLOT_DIST, slot)
  if (distribution) writer.bytes(NETEM_DELAY_DIST, tableBytes(distribution))
  if (seed !== undefined) writer.u64(NETEM_PRNG_SEED, seed)
}

/** struct tc_netem_rate. The kernel takes the larger of RATE and RATE64. */
function writeRate(writer: MessageWriter, rate: NetemRate): void {
  const { bytesPerSecond, overheadBytes, cellBytes, cellOverheadBytes } = rate
  if (bytesPerSecond > U32_MAX) writer.u64(NETEM_RATE64, BigInt(bytesPerSecond))
  const [low, ...rest] = [Math.min(bytesPerSecond, U32_MAX), overheadBytes >>> 0, cellBytes, cellOverheadBytes >>> 0]
  writer.u32s(NETEM_RATE, [low as number, ...rest])
}

/** What the kernel reports of a netem; it keeps a distribution to itself. */
export interface ReportedNetem extends Required<Omit<NetemSettings, 'distribution' | 'slot' | 'seed'>> {
  slot: NetemSlot | undefined
  /** undefined before Linux 6.6. */
  seed: bigint | undefined
}

export function readNetem(options: Buffer): ReportedNetem {
  const own = new Attributes(options, QOPT_LENGTH)
  const [jitterCorrelation, lossCorrelation, duplicateCorrelation] = probabilities(own, NETEM_CORR)
  const [reorder, reorderCorrelation] = probabilities(own, NETEM_REORDER)
  const [corrupt, corruptCorrelation] = probabilities(own, NETEM_CORRUPT)
  const random = { probability: toProbability(options.readUInt32LE(8)), correlation: lossCorrelation }
  return {
    limitPackets: options.readUInt32LE(4),
    delayNs: timeOf(own, NETEM_LATENCY64, options.readUInt32LE(0)),
    jitterNs: timeOf(own, NETEM_JITTER64, options.readUInt32LE(20)),
    jitterCorrelation,
    loss: readLoss(own.get(NETEM_LOSS)) ?? { model: 'random', ...random },
    duplicate: { probability: toProbability(options.readUInt32LE(16)), correlation: duplicateCorrelation },
    corrupt: { probability: corrupt, correlation: corruptCorrelation },
    reorder: { probability: reorder, correlation: reorderCorrelation, gap: options.readUInt32LE(12) },
    rate: readRate(own),
    ecn: own.u32(NETEM_ECN) !== 0,
    slot: readSlot(own.get(NETEM_SLOT)),
    seed: own.get(NETEM_PRNG_SEED) && own.u64(NETEM_PRNG_SEED),
  }
}

const timeOf = (own: Attributes, type: number, ticks: number): number =>
  own.get(type) ? Number(own.u64(type)) : ticks * TICK_NS

function probabilities(own: Attributes, type: number): [number, number, number] {
  const [first = 0, second = 0, third = 0] = own.u32s(type).map(toProbability)
  return [first, second, third]
}

function readRate(own: Attributes): NetemRate {
  const [low = 0, overhead = 0, cellBytes = 0, cellOverhead = 0] = own.u32s(NETEM_RATE)
  return {
    bytesPerSecond: Number(own.u64(NETEM_RATE64)) || low,
    overheadBytes: overhead | 0,
    cellBytes,
    cellOverheadBytes: cellOverhead | 0,
  }
}
