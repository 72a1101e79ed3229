// How many probes a direction of a link gets, and when: alone for the delay, close together for what happens to one frame of
// many, more than it carries for the rate.
import type { Impairment } from '../model/impairment.js'
import { meanRate } from './expectation.js'
import { longRunOf } from './loss.js'

export interface Schedule {
  count: number
  intervalNs: number
  bytes: number
}

export interface Flood {
  bitsPerSecond: number
  durationNs: number
  bytes: number
}

/** What the user allows. */
export interface Effort {
  /** How long each kind of probes is sent, in ns. */
  durationNs: number
  /** The most probes of a kind. */
  probes: number
  /** The least time between two probes, which leaves this machine time for those of other directions. */
  apartNs: number
  /** Directions that are checked at the same time and share the rate of a link. */
  sharing: number
}

const SECOND = 1e9
const PROBE_BYTES = 100
const FRAME_BYTES = 1514
/** Share of the rate that probes take, so that none waits for another. */
const RATE_SHARE = 0.2
/** Between two probes that shall not meet each other in a queue. */
const LEAST_APART_NS = 10e6
/** Probes so many times the jitter apart keep their own delays even where frames keep their order. */
const JITTERS_APART = 5
/** For a median without jitter. */
const FEW = 200
const FASTEST_NS = 100e3
/** So much more than the rate is offered. */
const EXCESS = 1.25

/** Probes that are sent so far apart that each has the delay of its own. */
export function delaySchedule(impairment: Impairment | null, effort: Effort): Schedule {
  const { jitter } = impairment ?? {}
  const apart = Math.max(LEAST_APART_NS, (jitter?.amountNs ?? 0) * JITTERS_APART, pace(impairment, effort))
  const most = Math.max(1, Math.floor(effort.durationNs / apart))
  return { count: Math.min(most, jitter ? effort.probes : FEW), intervalNs: apart, bytes: PROBE_BYTES }
}

/** Probes that are close together; null where nothing is configured that they would show. */
export function frameSchedule(impairment: Impairment | null, effort: Effort): Schedule | null {
  const { jitter, loss, duplicate, corrupt, reorder } = impairment ?? {}
  if (!loss && !duplicate && !corrupt && !reorder && !jitter) return null
  const intervalNs = pace(impairment, effort)
  const count = Math.min(effort.probes, Math.max(1, Math.floor(effort.durationNs / intervalNs)))
  return { count, intervalNs, bytes: PROBE_BYTES }
}

/** More frames than the rate lets through; null where there is no rate. */
export function floodOf(impairment: Impairment | null, effort: Effort): Flood | null {
  const rate = impairment?.rate?.bitsPerSecond ?? (impairment?.trace ? meanRate(impairment.trace) : null)
  if (rate === null) return null
  const arriving = 1 - Math.min(0.9, longRunOf(impairment?.loss).probability)
  return { bitsPerSecond: (rate * EXCESS) / arriving, durationNs: effort.durationNs, bytes: FRAME_BYTES }
}

/** The shortest time between two probes of a direction, in ns. */
function pace(impairment: Impairment | null, { apartNs, sharing }: Effort): number {
  const rate =
    impairment?.rate?.bitsPerSecond ?? (impairment?.trace ? meanRate(impairment.trace) : Number.POSITIVE_INFINITY)
  const bytes = PROBE_BYTES + Math.max(0, impairment?.rate?.overheadBytes ?? 0)
  return Math.max(FASTEST_NS, apartNs, ((bytes * 8 * SECOND) / rate / RATE_SHARE) * sharing)
}
