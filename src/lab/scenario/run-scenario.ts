// Runs a scenario on a running lab.
import type { ScenarioEnded } from '../../model/scenario-event.js'
import type { ReadSource } from '../../topology/emulation/emulations.js'
import type { Scenario } from '../../topology/scenario/scenario.js'
import { stateNow } from '../links/live-state.js'
import type { RunningLab } from '../record/select.js'
import { startClock } from './clock.js'
import { KnownFiles } from './known-files.js'
import { labPort } from './lab-port.js'
import type { LinkCalls } from './link-calls.js'
import { prepare } from './prepare.js'
import { type RunOptions, runSteps } from './runner.js'

export interface ScenarioRunOptions extends RunOptions {
  /** Reads the files under `trace` and `samples` of `set`. Without it, they are refused. */
  readSource?: ReadSource
}

/** As `runSteps`. @throws LabError TOPOLOGY_INVALID for what the lab does not have or cannot be set to, before the first step */
export async function runScenario(
  lab: RunningLab,
  scenario: Scenario,
  calls: LinkCalls,
  { readSource, ...options }: ScenarioRunOptions = {},
): Promise<ScenarioEnded> {
  const now = { ...lab, state: stateNow(lab) }
  const known = readSource && new KnownFiles(readSource)
  await prepare(now, scenario, calls, known?.read)
  return await runSteps(lab.name, scenario, labPort(now, calls, known?.files ?? null), startClock(), options)
}
