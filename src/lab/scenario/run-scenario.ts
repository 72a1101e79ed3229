// Runs a scenario on a running lab.
import type { ScenarioEnded } from '../../model/scenario-event.js'
import { requireNames } from '../../topology/scenario/names.js'
import type { Scenario } from '../../topology/scenario/scenario.js'
import type { RunningLab } from '../record/select.js'
import { startClock } from './clock.js'
import { labPort, namesOf } from './lab-port.js'
import { type RunOptions, runSteps } from './runner.js'

/** As `runSteps`. @throws LabError TOPOLOGY_INVALID for a node or an endpoint that the lab does not have, before the first step */
export async function runScenario(
  lab: RunningLab,
  scenario: Scenario,
  options: RunOptions = {},
): Promise<ScenarioEnded> {
  requireNames(scenario, namesOf(lab))
  return await runSteps(lab.name, scenario, labPort(lab), startClock(), options)
}
