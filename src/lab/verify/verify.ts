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
import { endText } from '../links/endpoint.js'
import type { RunningLab } from '../record/select.js'
import { requireAlive } from '../who/process-identity.js'
import type { LinkDirection } from './directions.js'
import { floodLinks, probeLinks } from './probe-links.js'

export interface VerifyOptions {
  /** How long each of the three kinds of probes is sent at most, in ms: alone, close together, more than the rate. */
  durationMs: number
  /** The most probes of a kind for each direction. */
  probes: number
  /** What this machine may add to a delay, in ms. */
  toleranceMs: number
  signal?: AbortSignal
}

export const VERIFY_DEFAULTS: VerifyOptions = { durationMs: 5000, probes: 100_000, toleranceMs: 0.15 }

/** The probability that links which do what is configured have a test that says otherwise. */
const ALPHA = 0.001
/** What floods together may offer in bit/s, so that this machine can send it. */
const FLOODS_MOST = 500e6
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
 * @throws LabError NODE_NOT_FOUND when a node is dead; KernelError when an interface is missing or down, or probes were not read
 * in time; the signal's reason when aborted
 */
export async function verifyLinks(
  lab: RunningLab,
  directions: readonly LinkDirection[],
  options: VerifyOptions,
): Promise<LinkChecks> {
  const began = performance.now()
  for (const { from, to } of directions) for (const { node } of [from, to]) requireAlive(node)
  const efforts = directions.map((direction) => effortOf(direction, directions, options))
  const waitNs = longestWait(directions)
  const schedules = directions.map((direction, at) => delaySchedule(direction.impairment, efforts[at] as Effort))
  const alone = await probe(lab, directions, schedules, { waitNs, signal: options.signal })
  const closer = directions.map((direction, at) => frameSchedule(direction.impairment, efforts[at] as Effort))
  const together = await probe(lab, directions, closer, { waitNs, signal: options.signal })
  const floods = directions.map((direction, at) => floodOf(direction.impairment, efforts[at] as Effort))
  const flooded = await flood(lab, directions, floods, { waitNs: 0, signal: options.signal })
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
    longest(0) + longest(1) + groupsOf(directions, floods).length * options.durationMs + longestWait(directions) / 1e6
  )
}

function effortOf(
  { from }: LinkDirection,
  directions: readonly LinkDirection[],
  { durationMs, probes }: VerifyOptions,
): Effort {
  const sharing = directions.filter((other) => endText(other.from) === endText(from)).length
  return { durationNs: durationMs * 1e6, probes, directions: directions.length, sharing }
}

const SLACK_NS = 300e6

/** Until the last frame has arrived. */
const longestWait = (directions: readonly LinkDirection[]): number =>
  SLACK_NS +
  Math.max(
    0,
    ...directions.map(({ impairment }) => {
      const { delayNs = 0, jitter, trace } = impairment ?? {}
      return delayNs + 5 * (jitter?.amountNs ?? 0) + (trace?.opportunitiesMs.at(-1) ?? 0) * 1e6
    }),
  )

type Wait = { waitNs: number; signal: AbortSignal | undefined }

/** Sends probes where there is a schedule. */
async function probe(
  lab: RunningLab,
  directions: readonly LinkDirection[],
  schedules: readonly (Schedule | null)[],
  wait: Wait,
): Promise<(Observation | null)[]> {
  const paths = directions.flatMap((direction, at) => {
    const schedule = schedules[at]
    return schedule ? [{ at, direction, schedule }] : []
  })
  if (paths.length === 0) return []
  const observed = await probeLinks(lab, paths, wait)
  return scattered(paths, observed, directions.length)
}

async function flood(
  lab: RunningLab,
  directions: readonly LinkDirection[],
  floods: readonly (Flood | null)[],
  wait: Wait,
): Promise<(FloodObservation | null)[]> {
  const results: (FloodObservation | null)[] = directions.map(() => null)
  for (const group of groupsOf(directions, floods)) {
    const observed = await floodLinks(lab, group, wait)
    for (const [index, { at }] of group.entries()) results[at] = observed[index] ?? null
  }
  return results
}

const scattered = <T>(paths: readonly { at: number }[], values: readonly T[], length: number): (T | null)[] => {
  const found = new Map(paths.map(({ at }, index) => [at, values[index] as T]))
  return Array.from({ length }, (_, at) => found.get(at) ?? null)
}

interface FloodPath {
  at: number
  direction: LinkDirection
  flood: Flood
}

/** Floods that are sent at one time: each of another interface, and no more than this machine can send. */
function groupsOf(directions: readonly LinkDirection[], floods: readonly (Flood | null)[]): FloodPath[][] {
  const groups: FloodPath[][] = []
  for (const [at, direction] of directions.entries()) {
    const own = floods[at]
    if (!own) continue
    const path = { at, direction, flood: own }
    const isFree = (group: FloodPath[]) =>
      group.every((other) => endText(other.direction.from) !== endText(direction.from)) &&
      group.reduce((sum, other) => sum + other.flood.bitsPerSecond, own.bitsPerSecond) <= FLOODS_MOST
    const group = groups.find(isFree)
    if (group) group.push(path)
    else groups.push([path])
  }
  return groups
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
    ...frameComparisons(expected, together ?? alone, configured, jitter?.reorder === true),
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
