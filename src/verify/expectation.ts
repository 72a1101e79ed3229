// What probes must show when a link does what is configured.
import type { Impairment, LinkBackend, Rate, Trace } from '../model/impairment.js'
import { deviationOf, quantileOf } from './intervals.js'
import { delaysOf } from './jitter.js'
import { inflationOf, type LongRun, longRunOf } from './loss.js'

export interface Expectation {
  /** Median of the one-way delay, in ns; null where a trace decides it. */
  delayNs: number | null
  /** Standard deviation of the delay, in ns, and what a correlation makes of the number of samples; null without jitter. */
  jitter: { deviationNs: number; inflation: number } | null
  /** A frame with a shorter delay, in ns, was sent at once, without the delay of the others. */
  earlyNs: number
  /** Of frames that do not arrive at all. */
  loss: LongRun
  /** Of frames that arrive twice. */
  duplicate: LongRun
  /** Of frames that are sent at once. */
  reorder: LongRun
  /** Of arrivals. */
  corrupt: LongRun
  /** null: no rate. */
  bitsPerSecond: number | null
}

/** @param bytes length of a probe's frame */
export function expectationOf(impairment: Impairment | null, backend: LinkBackend | null, bytes: number): Expectation {
  const { delayNs = 0, jitter, loss, duplicate, corrupt, reorder, rate, trace } = impairment ?? {}
  const delays = jitter === undefined ? [delayNs] : delaysOf(delayNs, jitter)
  const lost = longRunOf(loss)
  const twice = chanceOf(duplicate)
  const early = chanceOf(reorder)
  const gap = reorder?.gap ?? 1
  const earlyNs = delayNs / 2
  // Every gap-th frame is a candidate: after one that is sent at once, so many others are delayed.
  const atOnce = early.probability / (1 + early.probability * (Math.max(1, gap) - 1))
  const shortOnes = jitter === undefined ? 0 : delays.filter((delay) => delay < earlyNs).length / delays.length
  return {
    delayNs: trace === undefined ? quantileOf(delays, 0.5) + serialisationNs(rate, bytes) : null,
    jitter:
      jitter === undefined ? null : { deviationNs: deviationOf(delays), inflation: inflationOf(jitter.correlation) },
    earlyNs,
    ...copies(lost, twice, backend),
    reorder: { ...early, probability: atOnce + (1 - atOnce) * shortOnes },
    corrupt: chanceOf(corrupt),
    bitsPerSecond: rate?.bitsPerSecond ?? (trace ? meanRate(trace) : null),
  }
}

const chanceOf = (chance: { probability: number; correlation: number } | undefined): LongRun => ({
  probability: chance?.probability ?? 0,
  inflation: inflationOf(chance?.correlation ?? 0),
})

/**
 * The shares of frames that arrive not at all and twice. The wire duplicates frames that are not lost. sch_netem(4) decides
 * both for each frame, so that a frame which is lost and duplicated arrives once, and its copy may be lost as well.
 */
function copies(lost: LongRun, twice: LongRun, backend: LinkBackend | null): Pick<Expectation, 'loss' | 'duplicate'> {
  const p = lost.probability
  const d = twice.probability
  return backend === 'netem'
    ? { loss: { ...lost, probability: p * (1 - d) }, duplicate: { ...twice, probability: d * (1 - p) ** 2 } }
    : { loss: lost, duplicate: { ...twice, probability: d * (1 - p) } }
}

/** The time that the probe's bytes take, unless it may leave at once after a pause. */
const serialisationNs = (rate: Rate | undefined, bytes: number): number =>
  rate === undefined || rate.burstBytes >= bytes + rate.overheadBytes
    ? 0
    : ((bytes + rate.overheadBytes) * 8e9) / rate.bitsPerSecond

/** Bytes of one opportunity of mahimahi's traces. */
const OPPORTUNITY_BYTES = 1504

export const meanRate = ({ opportunitiesMs }: Trace): number =>
  (opportunitiesMs.length * OPPORTUNITY_BYTES * 8000) / Math.max(1, opportunitiesMs.at(-1) ?? 1)
