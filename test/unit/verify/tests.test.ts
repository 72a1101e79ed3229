// Verdicts about observations that are made up.
import { expect, test } from 'vitest'
import type { Impairment } from '../../../src/model/impairment.js'
import { expectationOf } from '../../../src/verify/expectation.js'
import { type Arrival, type Observation, ratesOf, reorderedOf } from '../../../src/verify/observation.js'
import { delayComparisons, frameComparisons, rateComparison, SHARES } from '../../../src/verify/tests.js'

const MS = 1e6
const TOLERANCE = { ...SHARES, delayNs: 0.15 * MS }

/** Frames of which the fate is decided by their number. null: lost. */
function observed(count: number, fate: (sequence: number) => Partial<Arrival> | null): Observation {
  const arrivals = Array.from({ length: count }, (_, sequence) => sequence).flatMap((sequence): Arrival[] => {
    const own = fate(sequence)
    return own === null ? [] : [{ sequence, isChanged: false, delayNs: 0, ...own }]
  })
  return { length: 100, sent: count, refused: [], arrivals }
}

function verdictsOf(impairment: Impairment, observation: Observation): Record<string, string> {
  const expected = expectationOf(impairment, 'wire', 100)
  const comparisons = [
    ...delayComparisons(expected, observation, { delayNs: null, jitterNs: null }, TOLERANCE),
    ...frameComparisons(expected, observation, {}, impairment.jitter?.reorder === true, TOLERANCE),
  ]
  return Object.fromEntries(
    comparisons.map((compare) => compare(0.0001)).map(({ quantity, verdict }) => [quantity, verdict]),
  )
}

test.each([
  [10, 'ok'],
  [10.1, 'ok'],
  [10.4, 'differs'],
  [9.7, 'differs'],
])('a delay of 10 ms that is %d ms: %s', (delay, verdict) => {
  const observation = observed(200, (sequence) => ({ delayNs: delay * MS + (sequence % 10) * 1000 }))
  expect(verdictsOf({ delayNs: 10 * MS }, observation).delay).toBe(verdict)
})

test.each([
  [100, 10_000, 'ok'],
  [50, 10_000, 'differs'],
])('a loss of 1 in 100 that is one in %i of %i frames: %s', (every, count, verdict) => {
  const observation = observed(count, (sequence) => (sequence % every === 0 ? null : {}))
  expect(verdictsOf({ loss: { model: 'random', probability: 0.01, correlation: 0 } }, observation).loss).toBe(verdict)
})

test('too few probes for what is rare', () => {
  const observation = observed(100, () => ({}))
  const loss = { model: 'random', probability: 0.01, correlation: 0 } as const
  expect(verdictsOf({ loss }, observation).loss).toBe('not enough probes')
})

/** Delays of 9 to 11 ms, and one that is `late` by so many ms. */
const jittered = (late: number) =>
  observed(300, (sequence) => ({
    delayNs: (9 + (2 * ((sequence * 7) % 300)) / 299 + (sequence === 7 ? late : 0)) * MS,
  }))

test.each([
  [0, 'ok'],
  [20, 'not enough probes'],
])('a jitter of which one of 300 delays is late by %d ms: %s', (late, verdict) => {
  const impairment: Impairment = {
    delayNs: 10 * MS,
    jitter: { amountNs: MS, correlation: 0, reorder: false, distribution: 'uniform' },
  }
  expect(verdictsOf(impairment, jittered(late))).toMatchObject({ delay: 'ok', jitter: verdict })
})

test('a delay and a rate of which the interval is wide', () => {
  // Half of the delays are 5 ms early, half 5 ms late: the median may be anywhere between.
  const split = observed(200, (sequence) => ({ delayNs: (10 + (sequence % 2 ? 5 : -5)) * MS }))
  expect(verdictsOf({ delayNs: 10 * MS }, split).delay).toBe('not enough probes')
  const rates = [8, 12, 9, 11, 10, 10].map((mbit) => mbit * 1e6)
  expect(rateComparison(10e6, rates, 12e6, TOLERANCE)(0.001).verdict).toBe('not enough probes')
})

test('what is not configured, and happens', () => {
  const changed = observed(1000, (sequence) => ({ isChanged: sequence === 7 }))
  expect(verdictsOf({}, changed)).toEqual({ delay: 'ok', loss: 'ok', corrupt: 'differs' })
  const swapped = observed(1000, () => ({}))
  swapped.arrivals.reverse()
  expect(verdictsOf({}, swapped)).toMatchObject({ reorder: 'differs' })
})

test('reordering counts frames that come after later ones, and of copies the first (RFC 4737)', () => {
  const arrivals = [0, 1, 4, 2, 3, 5, 4].map((sequence) => ({ sequence, isChanged: false, delayNs: 0 }))
  expect(reorderedOf(arrivals)).toBe(2)
})

test('a rate from the frames of parts of the time', () => {
  // 1,000 frames of 1,250 bytes a second: 10 Mbit/s.
  const bins = Array.from({ length: 100 }, (_, bin): [number, number] => [10, (bin + 1) * 10 * MS])
  const rates = ratesOf({ length: 1250, sent: 1000, bins }, 1e9, 0)
  expect(rates).toHaveLength(10)
  for (const rate of rates) expect(rate).toBeCloseTo(10e6, 3)
  expect(rateComparison(10e6, rates, 12e6, TOLERANCE)(0.001).verdict).toBe('ok')
  expect(rateComparison(10.5e6, rates, 12e6, TOLERANCE)(0.001).verdict).toBe('differs')
  expect(rateComparison(20e6, rates, 10e6, TOLERANCE)(0.001)).toMatchObject({
    verdict: 'not enough probes',
    reason: 'this machine sent only 10.0 Mbit/s',
  })
})

test('what netem and the wire make of a loss and a duplication together', () => {
  const impairment: Impairment = {
    loss: { model: 'random', probability: 0.1, correlation: 0 },
    duplicate: { probability: 0.2, correlation: 0 },
  }
  const netem = expectationOf(impairment, 'netem', 100)
  expect(netem.loss.probability).toBeCloseTo(0.08, 12)
  expect(netem.duplicate.probability).toBeCloseTo(0.2 * 0.81, 12)
  const wire = expectationOf(impairment, 'wire', 100)
  expect(wire.loss.probability).toBe(0.1)
  expect(wire.duplicate.probability).toBeCloseTo(0.18, 12)
})

test('the delay includes the time that the bytes of the probe take, unless the bucket has tokens', () => {
  const rate = { bitsPerSecond: 1e6, burstBytes: 0, overheadBytes: 0 }
  expect(expectationOf({ delayNs: 5 * MS, rate }, 'wire', 125).delayNs).toBe(6 * MS)
  expect(expectationOf({ delayNs: 5 * MS, rate: { ...rate, burstBytes: 3028 } }, 'wire', 125).delayNs).toBe(5 * MS)
})

test('every gap-th frame is a candidate for being sent at once', () => {
  const reorder = { probability: 0.25, correlation: 0, gap: 5 }
  expect(expectationOf({ delayNs: 10 * MS, reorder }, 'netem', 100).reorder.probability).toBeCloseTo(0.25 / 2, 12)
})
