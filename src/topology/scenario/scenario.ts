// A checked scenario. Types alone.
import type { Locate, Path } from '../source/located.js'

/** Steps at times, each of which does one thing. */
export interface Scenario {
  /** Name of the lab; null for the only running one. */
  lab: string | null
  /** How long the whole takes at least. */
  durationMs: number
  /** In the order of the file. */
  steps: readonly ScenarioStep[]
  /** The name of the file, for messages. */
  file: string | undefined
  locate: Locate
}

export interface ScenarioStep {
  /** When it is done, counted from the beginning. */
  times: { firstMs: number; everyMs: number; count: number }
  action: ScenarioAction
  path: Path
}

/** Endpoints are `NODE:INTERFACE`, or `NODE` for a node with one link. */
export type ScenarioAction = ScenarioChange | ScenarioExec | ScenarioExpectation

export type ScenarioChange =
  /** `words` are `KEY=VALUE`, as for `nslab link set`. */
  | { action: 'set'; changes: readonly { endpoint: string; words: readonly string[] }[] }
  | { action: 'clear' | 'down' | 'up'; endpoints: readonly string[] }
  /** `nodes`: null for all. */
  | { action: 'pause' | 'resume'; nodes: readonly string[] | null }

export interface ScenarioExec {
  action: 'exec'
  node: string
  command: readonly string[]
}

export interface ScenarioExpectation {
  action: 'expect'
  expected: ExpectedPing | ExpectedCommand
  /** How long it may take until it holds; 0 for one attempt. */
  withinMs: number
}

export interface ExpectedPing {
  from: string
  to: string
  result: 'answered' | 'lost'
  /** Number of packets. */
  count: number
  timeoutMs: number
  /** Limits of the round-trip time of every answer. */
  rttMs: { least: number; most: number }
}

export interface ExpectedCommand {
  node: string
  command: readonly string[]
  status: number
  /** A text in its output; null for any output. */
  output: string | null
}
