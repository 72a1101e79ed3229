// Checks whether links do what is configured: sends probes, and compares what arrives with what must.
import type { Impairment } from '../../model/impairment.js'
import type { CheckedDirection, LinkChecks, Quantity } from '../../model/link-check.js'
import { type Expectation, expectationOf } from '../../verify/expectation.js'
import { quantileOf } from '../../verify/intervals.js'
import { longRunOf } from '../../verify/loss.js'
import {
  type FloodObservation,
  lostOf,
  type Observation,
  ratesOf,
  reorderedOf,
  soleDelays,
} from '../../verify/observation.js'
import { delaySchedule, type Effort, type Flood, floodOf, frameSchedule, type Schedule } from '../../verify/schedule.js'
import {
  type Comparison,
  delayComparisons,
  frameComparisons,
  rateComparison,
  SHARES,
  type Tolerance,
} from '../../verify/tests.js'
import { requireWire } from '../links/carrier.js'
import { endText } from '../links/endpoint.js'
import type { RunningLab } from '../record/select.js'
import { requireRunning } from '../run/pause.js'
import type { LinkDirection } from './directions.js'
import { floodsAtOneTime, longestWait, sendFloods, sendProbes } from './send.js'

export interface VerifyOptions {
  /** How long each of the three kinds of probes is sent at most, in ms: alone, close together, more than the rate. */
  durationMs: number
  /** The most probes of a kind for each direction. */
  probes: number
  /** What this machine may add to a delay, in ms. */
  toleranceMs: number
  /** Frames that this machine sends in a second beside what it emulates, on all links together. */
  framesPerSecond: number
  signal?: AbortSignal
}

export const VERIFY_DEFAULTS: VerifyOptions = {
  durationMs: 5000,
  probes: 100_000,
  toleranceMs: 0.15,
  framesPerSecond: 20_000,
}

/** The probability that links which do what is configured have a test that says otherwise. */
const ALPHA = 0.001
const LOST_MOST = 10_000

/** A direction with what is sent along it and what came of that. */
interface Subject {
  direction: LinkDirection
  effort: Effort
  expected: Expectation
  alone: Observation
  together: Observation | null
  rates: { bitsPerSecond: number[]; offered: number } | null
}

/**
 * Checks directions of links of a lab, all at the same time but for rates.
 *
 * @throws LabError NODE_NOT_FOUND when a node is dead, NODE_PAUSED when one is paused, since the wire of a paused lab stands
 * still, KERNEL_REFUSED when the wire of a link has ended for good; KernelError when the wire does not answer, an interface is missing
 * or down, or probes were not read in time; the signal's reason when aborted
 */
export async function verifyLinks(
  lab: RunningLab,
  directions: readonly LinkDirection[],
  options: VerifyOptions,
): Promise<LinkChecks> {
  const began = performance.now()
  for (const { from, to } of directions) for (const { node } of [from, to]) requireRunning(node)
  await requireWire(
    directions.map(({ from }) => from),
    options.signal,
  )
  const efforts = directions.map((direction) => effortOf(direction, directions, options))
  const waitNs = longestWait(directions)
  const schedules = directions.map((direction, at) => delaySchedule(direction.impairment, efforts[at] as Effort))
  const alone = await sendProbes(lab, directions, schedules, { waitNs, signal: options.signal })
  const closer = directions.map((direction, at) => frameSchedule(direction.impairment, efforts[at] as Effort))
  const together = await sendProbes(lab, directions, closer, { waitNs, signal: options.signal })
  const floods = directions.map((direction, at) => floodOf(direction.impairment, efforts[at] as Effort))
  const flooded = await sendFloods(lab, directions, floods, options.framesPerSecond, {
    waitNs: 0,
    signal: options.signal,
  })
  const subjects = directions.map((direction, at): Subject => {
    const own = alone[at] as Observation
    return {
      direction,
      effort: efforts[at] as Effort,
      expected: expectationOf(direction.impairment, direction.backend, own.length),
      alone: own,
      together: together[at] ?? null,
      rates: ratesIn(flooded[at] ?? null, floods[at] ?? null, direction.impairment),
    }
  })
  const tolerance: Tolerance = { ...SHARES, delayNs: options.toleranceMs * 1e6 }
  const comparisons = subjects.map((subject) => comparisonsOf(subject, tolerance))
  const alpha = ALPHA / Math.max(1, comparisons.flat().length)
  return {
    lab: lab.name,
    alpha: ALPHA,
    tolerance,
    directions: subjects.map((subject, at) => checked(subject, comparisons[at] as Comparison[], alpha)),
    elapsedMs: Math.round(performance.now() - began),
  }
}

/** About how long a check takes, in ms. */
export function verificationMs(directions: readonly LinkDirection[], options: VerifyOptions): number {
  const timeOf = (schedule: Schedule | null) => (schedule ? (schedule.count * schedule.intervalNs) / 1e6 : 0)
  const times = directions.map(({ impairment }, at) => {
    const effort = effortOf(directions[at] as LinkDirection, directions, options)
    return [delaySchedule(impairment, effort), frameSchedule(impairment, effort)].map(timeOf)
  })
  const floods = directions.map(({ impairment }, at) =>
    floodOf(impairment, effortOf(directions[at] as LinkDirection, directions, options)),
  )
  const longest = (kind: number) => Math.max(0, ...times.map((each) => each[kind] ?? 0))
  return (
    longest(0) +
    longest(1) +
    floodsAtOneTime(directions, floods, options.framesPerSecond).length * options.durationMs +
    longestWait(directions) / 1e6
  )
}

function effortOf(
  { from }: LinkDirection,
  directions: readonly LinkDirection[],
  { durationMs, probes, framesPerSecond }: VerifyOptions,
): Effort {
  const sharing = directions.filter((other) => endText(other.from) === endText(from)).length
  return { durationNs: durationMs * 1e6, probes, apartNs: (directions.length * 1e9) / framesPerSecond, sharing }
}

function ratesIn(
  observed: FloodObservation | null,
  sent: Flood | null,
  impairment: Impairment | null,
): Subject['rates'] {
  if (observed === null || sent === null) return null
  const overhead = impairment?.rate?.overheadBytes ?? 0
  const arriving = 1 - longRunOf(impairment?.loss).probability
  return {
    bitsPerSecond: ratesOf(observed, sent.durationNs, overhead),
    offered: (observed.sent * (observed.length + overhead) * 8e9 * arriving) / sent.durationNs,
  }
}

function comparisonsOf(
  { direction: { impairment }, expected, alone, together, rates }: Subject,
  tolerance: Tolerance,
): Comparison[] {
  const { delayNs = null, jitter, loss, duplicate, corrupt, reorder } = impairment ?? {}
  const configured: Partial<Record<Quantity, number>> = {
    ...(loss ? { loss: longRunOf(loss).probability } : {}),
    ...(duplicate ? { duplicate: duplicate.probability } : {}),
    ...(corrupt ? { corrupt: corrupt.probability } : {}),
    ...(reorder ? { reorder: reorder.probability } : {}),
  }
  return [
    ...delayComparisons(expected, alone, { delayNs, jitterNs: jitter?.amountNs ?? null }, tolerance),
    ...frameComparisons(expected, together ?? alone, configured, jitter?.reorder === true, tolerance),
    ...(expected.bitsPerSecond !== null && rates
      ? [rateComparison(expected.bitsPerSecond, rates.bitsPerSecond, rates.offered, tolerance)]
      : []),
  ]
}

function checked(subject: Subject, comparisons: readonly Comparison[], alpha: number): CheckedDirection {
  const { direction, alone, together } = subject
  const delays = soleDelays(alone).sort((a, b) => a - b)
  const { arrivals } = together ?? alone
  return {
    link: direction.from.link,
    from: endText(direction.from),
    to: endText(direction.to),
    source: direction.source?.station ?? null,
    backend: direction.backend,
    tests: comparisons.map((compare) => compare(alpha)),
    delayNs:
      delays.length === 0
        ? null
        : {
            ...{ p50: quantileOf(delays, 0.5), p90: quantileOf(delays, 0.9) },
            ...{ p99: quantileOf(delays, 0.99), max: delays.at(-1) as number },
          },
    reordered: arrivals.length === 0 ? 0 : reorderedOf(arrivals) / arrivals.length,
    lost: lostOf(together ?? alone).slice(0, LOST_MOST),
  }
}
