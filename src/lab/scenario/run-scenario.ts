// Runs a scenario on a running lab.
import type { ScenarioEnded } from '../../model/scenario-event.js'
import type { ReadSource } from '../../topology/emulation/emulations.js'
import type { Scenario } from '../../topology/scenario/scenario.js'
import { stateNow } from '../links/live-state.js'
import type { RunningLab } from '../record/select.js'
import { startClock } from './clock.js'
import { labPort } from './lab-port.js'
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
  { readSource, ...options }: ScenarioRunOptions = {},
): Promise<ScenarioEnded> {
  const now = { ...lab, state: stateNow(lab) }
  await prepare(now, scenario, readSource)
  return await runSteps(lab.name, scenario, labPort(now, readSource), startClock(), options)
}
