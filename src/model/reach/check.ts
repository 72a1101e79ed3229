// Checks of a topology, resolved, and their results. Pure data, JSON-safe.

import type { Family } from '../family.js'
import type { Explanation } from './explanation.js'

/** Node that sends, and node, `NODE:INTERFACE` or address that it sends to. */
export interface CheckedPair {
  from: string
  to: string
}

/** One check of the file. Names of nodes stand for patterns. `text` is how reports name it; `line` is its place in the file, 0 if it is not known. */
export type Check = { text: string; line: number } & CheckKind

export type CheckKind =
  | {
      kind: 'ping'
      from: string[]
      to: string[]
      family: Family | null
      /** Limit of the least round-trip time of each pair; null for none. */
      rttBelowMs: number | null
      /** Percentage of the packets to each node, 0 to 100. */
      lossAtMost: number
      /** Packets to each node. */
      count: number
    }
  | { kind: 'unreachable'; from: string[]; to: string[]; family: Family | null }
  | { kind: 'tcp' | 'udp'; from: string[]; to: string[]; port: number; family: Family | null }
  | { kind: 'path'; from: string; to: string; family: Family | null; via: string[] }
  | { kind: 'route'; node: string; to: string; via: string | null; interface: string | null }
  | { kind: 'exec'; node: string; run: string[]; status: number; stdout: string | null; stderr: string | null }

/** How long failed checks are tried again, and the checks themselves. */
export interface Checks {
  withinMs: number
  checks: Check[]
}

export interface CheckResult {
  text: string
  line: number
  kind: CheckKind['kind']
  passed: boolean
  elapsedMs: number
  attempts: number
  /** What was found instead; null if the check passed. */
  reason: string | null
  /** For reachability that failed. */
  explanation: Explanation | null
}

/** One lab's report: the JSON document of `check`, and an entry of that of `test`. */
export interface CheckReport {
  lab: string
  file: string | null
  passed: number
  failed: number
  elapsedMs: number
  results: CheckResult[]
  /** Why the lab did not come up, or did not go down; null if it did. */
  error: string | null
}
