// What probes say about links: what is configured, what was observed, and whether the two agree. Pure data, JSON-safe.
import type { LinkBackend } from './impairment.js'

export interface LinkChecks {
  lab: string
  /** The probability that a link that does what is configured has a test that says otherwise, at most. */
  alpha: number
  /** What is allowed beyond the intervals, for the scheduling of this machine. */
  tolerance: { delayNs: number; jitterShare: number; rateShare: number; reorderShare: number }
  directions: CheckedDirection[]
  elapsedMs: number
}

/** The frames that one end of a link sends, or those of one station on a LAN. */
export interface CheckedDirection {
  /** Number of the link in the lab. */
  link: number
  /** `NODE:INTERFACE` that sends, and the other end. */
  from: string
  to: string
  /** `NODE:INTERFACE` of the station whose frames are checked; null for all that have no impairment of their own. */
  source: string | null
  /** null: a plain veth pair. */
  backend: LinkBackend | null
  tests: LinkTest[]
  /** One-way delay of the probes that were sent alone, in ns; null where none arrived. */
  delayNs: { p50: number; p90: number; p99: number; max: number } | null
  /** Share of frames that arrived after a frame that was sent later (RFC 4737, 3.3). */
  reordered: number
  /** Sequence numbers of the frames that were lost, of those that were sent close together; the first 10,000. */
  lost: number[]
}

export type Quantity = 'delay' | 'jitter' | 'loss' | 'duplicate' | 'reorder' | 'corrupt' | 'rate'
export type Verdict = 'ok' | 'differs' | 'not enough probes'

/** Delays and jitter are in ns, rates in bit/s, the others are shares of frames from 0 to 1. */
export interface LinkTest {
  quantity: Quantity
  /** As it is written; null: nothing. */
  configured: number | null
  /** What follows from all that is configured, and what is compared: a jitter has a standard deviation, a loss model a share. */
  expected: number
  /** null: nothing arrived. */
  observed: number | null
  /** The confidence interval of what was observed. */
  low: number
  high: number
  /** Frames, or for a rate parts of the time. */
  samples: number
  verdict: Verdict
  /** Why the verdict is not `ok`; null when it is. */
  reason: string | null
}
