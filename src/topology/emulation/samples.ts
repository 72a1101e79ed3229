// A distribution from measured values: the inverse of their cumulative distribution, as netem's tables are (maketable.c of
// iproute2).
import type { TraceFault } from './trace.js'

/** As long as those of iproute2. */
const TABLE_SIZE = 4096
/** NETEM_DIST_SCALE: one standard deviation. */
const SCALE = 8192
const VALUE_MAX = 32_767
const SAMPLES_LEAST = 20
const NUMBER = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$/

/** Reads numbers with blanks between them. Their unit does not matter: only the shape of the distribution counts. */
export function parseSamples(text: string, most: number): number[] | TraceFault {
  const samples: number[] = []
  for (const { 0: word, index } of text.matchAll(/\S+/g)) {
    if (!NUMBER.test(word) || !Number.isFinite(Number(word)))
      return { at: index, message: 'expected a number: samples are numbers with blanks between them' }
    if (samples.length >= most)
      return { at: index, message: `the traces and samples of a topology have over ${most} values here` }
    samples.push(Number(word))
  }
  if (samples.length < SAMPLES_LEAST)
    return { at: 0, message: `expected at least ${SAMPLES_LEAST} samples, and there are ${samples.length}` }
  if (Math.min(...extremes(samples)) === Math.max(...extremes(samples)))
    return { at: 0, message: 'expected samples that differ: all of them are the same number' }
  return samples
}

/** The table of samples that differ: mean 0, standard deviation 8,192. */
export function tableOf(samples: readonly number[]): number[] {
  const sorted = Float64Array.from(samples).sort()
  const mean = sorted.reduce((sum, value) => sum + value / sorted.length, 0)
  const deviation = Math.sqrt(sorted.reduce((sum, value) => sum + (value - mean) ** 2 / sorted.length, 0))
  return Array.from({ length: TABLE_SIZE }, (_, at) => {
    const scaled = ((quantile(sorted, (at + 0.5) / TABLE_SIZE) - mean) / deviation) * SCALE
    return Math.max(-VALUE_MAX, Math.min(VALUE_MAX, Math.round(scaled))) || 0
  })
}

/** Between two samples, in a straight line. */
function quantile(sorted: Float64Array, share: number): number {
  const position = Math.max(0, Math.min(sorted.length - 1, share * sorted.length - 0.5))
  const low = sorted[Math.floor(position)] as number
  const high = sorted[Math.ceil(position)] as number
  return low + (high - low) * (position - Math.floor(position))
}

/** The least and the greatest; a call with a million arguments would overflow the stack. */
const extremes = (values: readonly number[]): [number, number] =>
  values.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity])
