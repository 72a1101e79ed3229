// Measured values, of which a distribution is made.
import type { TraceFault } from './trace.js'

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

/** The least and the greatest; a call with a million arguments would overflow the stack. */
const extremes = (values: readonly number[]): [number, number] =>
  values.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity])
