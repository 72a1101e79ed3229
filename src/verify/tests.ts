// Compares what probes showed with what they must show.
import type { LinkTest, Quantity } from '../model/link-check.js'
import type { Expectation } from './expectation.js'
import {
  deviationInterval,
  deviationOf,
  type Interval,
  meanInterval,
  meanOf,
  medianInterval,
  proportionInterval,
  quantileOf,
} from './intervals.js'
import type { LongRun } from './loss.js'
import { copiesOf, lostOf, type Observation, reorderedOf, soleDelays } from './observation.js'

/** What is allowed beyond the interval. `delayNs` is what the machine adds: a probe waits for its turn there. */
export interface Tolerance {
  delayNs: number
  jitterShare: number
  rateShare: number
  /** Of frames: the kernel delivers frames that leave a queue together on several processors. */
  reorderShare: number
}

export const SHARES = { jitterShare: 0.1, rateShare: 0.02, reorderShare: 0.005 }
/** Share of the tolerance of a delay by which its standard deviation may differ, too. */
const JITTER_FLOOR = 1 / 3
/** Half the width of an interval, as a share of what is expected, at most. */
const DELAY_EXACT = 0.1
const JITTER_EXACT = 0.25
const RATE_EXACT = 0.05
/** Of a rare event, so many must be expected. */
const EVENTS = 10
const DELAYS = 30

/** A comparison that waits for the level of the test, which depends on how many there are. */
export type Comparison = (alpha: number) => LinkTest

/** The tests of delays, from probes that were sent alone. @param configured as written, in ns */
export function delayComparisons(
  expected: Expectation,
  observation: Observation,
  configured: { delayNs: number | null; jitterNs: number | null },
  tolerance: Tolerance,
): Comparison[] {
  const isReordered = expected.reorder.probability > 0
  const delays = soleDelays(observation)
    .filter((delay) => !isReordered || delay >= expected.earlyNs)
    .sort((a, b) => a - b)
  const { delayNs, jitter } = expected
  const comparisons: Comparison[] = []
  if (delayNs !== null) {
    comparisons.push((alpha) => {
      const effective = delays.length / (jitter?.inflation ?? 1)
      const interval = delays.length === 0 ? null : medianInterval(delays, alpha, effective)
      const allowed = tolerance.delayNs
      const about = {
        quantity: 'delay',
        configured: configured.delayNs,
        expected: delayNs,
        samples: delays.length,
      } as const
      const isEnough = effective >= DELAYS && isExact(interval, Math.max(allowed, delayNs * DELAY_EXACT))
      return judged(about, quantileOf(delays, 0.5), interval, allowed, isEnough)
    })
  }
  if (jitter !== null) {
    comparisons.push((alpha) => {
      const effective = delays.length / jitter.inflation
      const interval = delays.length < 2 ? null : deviationInterval(delays, alpha, effective)
      const allowed = jitter.deviationNs * tolerance.jitterShare + tolerance.delayNs * JITTER_FLOOR
      const about = {
        quantity: 'jitter',
        configured: configured.jitterNs,
        expected: jitter.deviationNs,
        samples: delays.length,
      } as const
      const isEnough = effective >= DELAYS * 3 && isExact(interval, jitter.deviationNs * JITTER_EXACT)
      return judged(about, deviationOf(delays), interval, allowed, isEnough)
    })
  }
  return comparisons
}

interface Share {
  quantity: Quantity
  configured: number | null
  expected: LongRun
  hits: number
  trials: number
  allowed?: number
}

/** The tests of what happens to some frames of many. */
export function frameComparisons(
  expected: Expectation,
  observation: Observation,
  configured: Partial<Record<Quantity, number>>,
  overtakes: boolean,
  { reorderShare }: Tolerance,
): Comparison[] {
  const { arrivals, sent, refused } = observation
  const copies = copiesOf(arrivals)
  const twice = [...copies.values()].filter((count) => count > 1).length
  const early = soleDelays(observation).filter((delay) => delay < expected.earlyNs).length
  const shares: Share[] = [
    {
      quantity: 'loss',
      configured: configured.loss ?? null,
      expected: expected.loss,
      hits: lostOf(observation).length,
      trials: sent - refused.length,
    },
    {
      quantity: 'duplicate',
      configured: configured.duplicate ?? null,
      expected: expected.duplicate,
      hits: twice,
      trials: sent - refused.length,
    },
    {
      quantity: 'corrupt',
      configured: configured.corrupt ?? null,
      expected: expected.corrupt,
      hits: arrivals.filter(({ isChanged }) => isChanged).length,
      trials: arrivals.length,
    },
  ]
  if (configured.reorder !== undefined) {
    shares.push({
      quantity: 'reorder',
      configured: configured.reorder,
      expected: expected.reorder,
      hits: early,
      trials: copies.size,
    })
  } else if (!overtakes) {
    const none = { probability: 0, inflation: 1 }
    shares.push({
      quantity: 'reorder',
      configured: null,
      expected: none,
      hits: reorderedOf(arrivals),
      trials: copies.size,
      allowed: reorderShare,
    })
  }
  return shares
    .filter(({ quantity, configured: written, hits }) => quantity === 'loss' || written !== null || hits > 0)
    .map((share) => (alpha) => shareTest(share, alpha))
}

function shareTest({ quantity, configured, expected, hits, trials, allowed = 0 }: Share, alpha: number): LinkTest {
  const { probability, inflation } = expected
  const interval = trials === 0 ? null : proportionInterval(hits / inflation, trials / inflation, alpha)
  const about = { quantity, configured, expected: probability, samples: trials }
  const events = (trials / inflation) * Math.min(probability, 1 - probability)
  return judged(about, hits / trials, interval, allowed, probability === 0 || probability === 1 || events >= EVENTS)
}

/** @param offered what was sent, in bit/s, of which the link lets through `expected` */
export function rateComparison(
  expected: number,
  rates: readonly number[],
  offered: number,
  tolerance: Tolerance,
): Comparison {
  return (alpha) => {
    const interval = rates.length < 2 ? null : meanInterval(rates, alpha)
    const about = { quantity: 'rate', configured: expected, expected, samples: rates.length } as const
    const test = judged(
      about,
      rates.length === 0 ? Number.NaN : meanOf(rates),
      interval,
      expected * tolerance.rateShare,
      rates.length >= 5 && isExact(interval, expected * RATE_EXACT),
    )
    if (test.verdict === 'ok' || offered >= expected * 1.05) return test
    return {
      ...test,
      verdict: 'not enough probes',
      reason: `this machine sent only ${(offered / 1e6).toFixed(1)} Mbit/s`,
    }
  }
}

const isExact = (interval: Interval | null, half: number): boolean =>
  interval !== null && (interval.high - interval.low) / 2 <= half

function judged(
  about: Pick<LinkTest, 'quantity' | 'configured' | 'expected' | 'samples'>,
  observed: number,
  interval: Interval | null,
  allowed: number,
  isEnough: boolean,
): LinkTest {
  if (interval === null) {
    const outcome = {
      observed: null,
      low: 0,
      high: 0,
      verdict: 'not enough probes',
      reason: 'no probe arrived',
    } as const
    return { ...about, ...outcome }
  }
  const { low, high } = interval
  const isOutside = about.expected < low - allowed || about.expected > high + allowed
  const common = { ...about, observed, low, high }
  if (isOutside) return { ...common, verdict: 'differs', reason: 'what is expected is outside of the interval' }
  if (isEnough) return { ...common, verdict: 'ok', reason: null }
  return { ...common, verdict: 'not enough probes', reason: 'what is expected is in the interval, but so is much else' }
}
