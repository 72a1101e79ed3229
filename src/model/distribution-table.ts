// Distributions of jitter as tables: the inverse of a cumulative distribution at equal steps, in 8,192nds of the jitter. netem
// and the wire draw a random entry. The named ones are those that iproute2 ships (netem/normal.c, pareto.c and paretonormal.c
// there), so that `tc … distribution NAME` does the same. Pure.
import type { Distribution } from './impairment.js'

/** Entries of a table; the kernel takes up to 16,384 (NETEM_DIST_MAX, linux/pkt_sched.h). */
export const TABLE_LENGTH = 4096
/** What one jitter is in a table (NETEM_DIST_SCALE). */
export const TABLE_SCALE = 8192
const ENTRY_MIN = -32_768
const ENTRY_MAX = 32_767
/** iproute2's shape of the Pareto distribution. */
const PARETO_SHAPE = 3

/** The table of a distribution; null for a uniform one, which needs none. */
export function distributionTable(distribution: Distribution): number[] | null {
  switch (distribution) {
    case 'uniform':
      return null
    case 'normal':
      return table(normalEntry)
    case 'pareto':
      return table((index) => Math.round(paretoAt(index)))
    case 'paretonormal':
      return table((index) => Math.trunc((normalEntry(index) + 3 * Math.round(paretoAt(index))) / 4))
    default:
      return distribution.table
  }
}

/** Mean and standard deviation of the numbers that a table gives, as parts of the jitter; those of the named ones are not exactly 0 and 1. */
export function momentsOf(distribution: Distribution): { mean: number; deviation: number } {
  const entries = distributionTable(distribution)
  // Uniform between -1 and 1 (get_dist in net/sched/sch_netem.c).
  if (!entries) return { mean: 0, deviation: Math.sqrt(1 / 3) }
  const { mean, deviation } = moments(entries)
  return { mean: mean / TABLE_SCALE, deviation: deviation / TABLE_SCALE }
}

/** Sums parts of the numbers, since the sum of large ones would be none. */
function moments(numbers: ArrayLike<number>): { mean: number; deviation: number } {
  const { length } = numbers
  let [mean, variance] = [0, 0]
  for (let at = 0; at < length; at++) mean += (numbers[at] as number) / length
  for (let at = 0; at < length; at++) variance += ((numbers[at] as number) - mean) ** 2 / length
  return { mean, deviation: Math.sqrt(variance) }
}

const table = (entry: (index: number) => number): number[] =>
  Array.from({ length: TABLE_LENGTH }, (_, index) => Math.min(Math.max(entry(index), ENTRY_MIN), ENTRY_MAX))

/** iproute2 takes every fourth of 16,384 entries, at the end of its step: half an entry above its number. */
const normalEntry = (index: number): number => Math.round(normalQuantile((index + 1 / 8) / TABLE_LENGTH) * TABLE_SCALE)

/** The mean is brought to 0; since the long tail is cut off, it is -0.03 and the deviation 0.82, as in iproute2. */
function paretoAt(index: number): number {
  const left = 1 - index / TABLE_LENGTH
  const value = (left ** (-1 / PARETO_SHAPE) - PARETO_SHAPE / (PARETO_SHAPE - 1)) * (4 / 3) * TABLE_SCALE
  return Math.min(value, ENTRY_MAX)
}

/**
 * The distribution of measured delays: with the table's mean 0 and deviation 1, the link's delay is their mean and its jitter their
 * standard deviation. As netem/maketable.c of iproute2 does, but without its bins.
 *
 * @param samples in any unit, at least two that differ
 * @returns the table, and the mean and standard deviation of the samples
 * @throws RangeError when the samples are all the same
 */
export function tableOfSamples(samples: readonly number[]): { table: number[]; mean: number; deviation: number } {
  const sorted = Float64Array.from(samples).sort()
  const { mean, deviation } = moments(sorted)
  if (!(deviation > 0)) throw new RangeError('a distribution needs samples that differ')
  const entry = (index: number) => {
    const place = ((index + 0.5) / TABLE_LENGTH) * sorted.length - 0.5
    return Math.max(-ENTRY_MAX, Math.round(((sampleAt(sorted, place) - mean) / deviation) * TABLE_SCALE)) || 0
  }
  return { table: table(entry), mean, deviation }
}

/** Between two samples, on the line from one to the other. */
function sampleAt(sorted: Float64Array, place: number): number {
  const low = Math.min(Math.max(Math.floor(place), 0), sorted.length - 1)
  const high = Math.min(low + 1, sorted.length - 1)
  const part = Math.min(Math.max(place - low, 0), 1)
  return (sorted[low] as number) * (1 - part) + (sorted[high] as number) * part
}

/** Coefficients of Acklam's rational approximation of the inverse of the normal distribution; relative error below 1.2·10⁻⁹. */
const CENTRE = {
  above: [
    -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
    2.506628277459239,
  ],
  below: [
    -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1,
  ],
}
const TAIL = {
  above: [
    -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ],
  below: [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1],
}
const TAIL_BEGINS = 0.02425

function normalQuantile(probability: number): number {
  if (probability > 0.5) return -normalQuantile(1 - probability)
  if (probability < TAIL_BEGINS) {
    const x = Math.sqrt(-2 * Math.log(probability))
    return polynomial(TAIL.above, x) / polynomial(TAIL.below, x)
  }
  const x = probability - 0.5
  return (polynomial(CENTRE.above, x * x) * x) / polynomial(CENTRE.below, x * x)
}

const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((sum, each) => sum * x + each, 0)
