// Intervals contain the true value as often as they say.
import { expect, test } from 'vitest'
import { deviationInterval, medianInterval, proportionInterval } from '../../../src/verify/intervals.js'
import { normalQuantile } from '../../../src/verify/numerics.js'

/** A generator of numbers from 0 to 1, the same each time (Marsaglia's xorshift32). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return ((state >>> 0) + 0.5) / 2 ** 32
  }
}

// Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I: 95 %.
test.each([
  [81, 263, 0.2527, 0.3676],
  [15, 148, 0.0578, 0.1617],
  [0, 20, 0, 0.1684],
  [1, 29, 0.0009, 0.1776],
])('%i of %i', (hits, trials, low, high) => {
  const interval = proportionInterval(hits, trials, 0.05)
  expect(interval.low).toBeCloseTo(low, 4)
  expect(interval.high).toBeCloseTo(high, 4)
})

test('medians and standard deviations of 10 % wide intervals miss in at most 10 % of runs', () => {
  const random = randomOf(7)
  const runs = 400
  let missed = { median: 0, deviation: 0 }
  for (let run = 0; run < runs; run++) {
    const samples = Array.from({ length: 300 }, () => normalQuantile(random())).sort((a, b) => a - b)
    const median = medianInterval(samples, 0.1)
    const deviation = deviationInterval(samples, 0.1)
    missed = {
      median: missed.median + Number(median.low > 0 || median.high < 0),
      deviation: missed.deviation + Number(deviation.low > 1 || deviation.high < 1),
    }
  }
  for (const count of Object.values(missed)) {
    expect(count / runs).toBeGreaterThan(0.05)
    expect(count / runs).toBeLessThan(0.15)
  }
})
