// What `link ls` says of the links of a running lab. Pure data, JSON-safe.
import type { LinkBackend } from './impairment.js'
import type { LinkState } from './lab-view.js'
import type { WireReport } from './wire-report.js'

export interface LinksReport {
  lab: string
  links: LinkReport[]
  /** The process that carries frames; null for a lab without one, and for other users' labs. */
  wire: WireReport | null
  /** Since when `packets`, `bytes` and `drops` count: ISO 8601. null at the first look: since the links were made. */
  since: string | null
}

export interface LinkReport {
  /** `NODE:INTERFACE` */
  a: string
  b: string
  type: string
  state: LinkState
  mtu: number
  /** What impairs frames; null for a veth pair alone. */
  emulation: LinkBackend | null
  /** The impairments of the frames that `a` sends, in the words of tc(8), and of those that `b` sends; null for none. */
  from_a: string | null
  from_b: string | null
  directions: [DirectionReport, DirectionReport]
}

/** What was counted. */
export interface Counts {
  /** That arrived at the other end. */
  packets: number
  bytes: number
  /** Frames that were lost on the way, for whatever reason. */
  drops: number
}

/** Since the last look. */
export interface DirectionReport extends Counts {
  /** `NODE:INTERFACE` that sends. */
  from: string
  to: string
  /** Since the link was made. */
  total: Counts
  /** How long the wire had frames; null where it does not delay any, and for other backends. */
  delayMs: { p50: number; p90: number; p99: number; max: number } | null
}
