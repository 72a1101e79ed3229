// What the runner of a scenario does with a lab, so that its times and its order can be tested without one.
import type { PingResult } from '../../model/reach/ping.js'
import type { ExpectedPing, ScenarioChange } from '../../topology/scenario/scenario.js'
import type { ExecResult } from '../run/exec.js'

export interface ScenarioPort {
  /** Resolves to warnings, one sentence each, when all of the change is acknowledged. @throws LabError */
  change(change: ScenarioChange): Promise<string[]>
  /** Runs a command in a node. @throws LabError; the signal's reason when aborted, with the command ended */
  exec(node: string, command: readonly string[], signal: AbortSignal): Promise<ExecResult>
  ping(expected: ExpectedPing, signal: AbortSignal): Promise<PingResult>
}
