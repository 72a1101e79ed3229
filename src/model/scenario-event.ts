// What a run of a scenario reports. Pure data, JSON-safe: each event is a line of `nslab run --json`. Times are milliseconds since
// the beginning.

export type ScenarioEvent = ScenarioStarted | ChangeDone | CommandEnded | ExpectationChecked | ScenarioEnded

export interface ScenarioStarted {
  event: 'started'
  lab: string
  /** How many times steps are done, repetitions included. */
  times: number
  durationMs: number
}

interface OfStep {
  /** Number of the step in its file, from 1, with those that `repeat` has made. */
  step: number
  /** Where the step is written. */
  line: number
  /** When it is to be done. */
  atMs: number
}

export interface ChangeDone extends OfStep {
  event: 'changed'
  action: 'set' | 'clear' | 'down' | 'up' | 'pause' | 'resume'
  /** Endpoints or nodes. */
  targets: string[]
  /** By endpoint, what is set, as `KEY=VALUE`; only of `set`. */
  words?: Record<string, string[]>
  /** One sentence each. */
  warnings: string[]
  /** When the kernel and the wire had acknowledged all of it. */
  timeMs: number
  /** `timeMs` less `atMs`. */
  lateMs: number
}

interface OfCommand extends OfStep {
  /** When it was begun, and when it had ended. */
  startMs: number
  timeMs: number
  /** `startMs` less `atMs`. */
  lateMs: number
}

export interface CommandEnded extends OfCommand {
  event: 'command'
  node: string
  command: string[]
  exitCode: number
  stdout: string
  stderr: string
}

export interface ExpectationChecked extends OfCommand {
  event: 'expectation'
  /** What was expected, and what was there at the last attempt, in words. */
  expected: string
  outcome: string
  held: boolean
  attempts: number
}

export interface ScenarioEnded {
  event: 'ended'
  lab: string
  elapsedMs: number
  /** Steps whose change or beginning was late by more than 10 ms. */
  late: number
  expectations: { checked: number; held: number }
}
