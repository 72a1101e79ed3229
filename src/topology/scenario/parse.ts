// Reads a scenario: from a file of its own, or from the key of a topology.
import { LabError } from '../../errors.js'
import { scenarioFile, step, type WrittenScenario } from '../schema/scenario.js'
import { expandSteps } from '../source/expand-steps.js'
import { Faults } from '../source/faults.js'
import { get, isNothing, type Locate, type Located, originAt } from '../source/located.js'
import { toPlain } from '../source/plain.js'
import { addSchemaFaults } from '../source/schema-faults.js'
import type { Topology } from '../source/topology.js'
import { type VariableSources, Variables } from '../source/variables.js'
import { readDocument } from '../source/yaml-document.js'
import type { Scenario } from './scenario.js'
import { stepsOf } from './steps.js'

export interface ScenarioOptions extends VariableSources {
  /** The name of the file, for messages. */
  file?: string
}

/** Whether a text is a scenario in a file of its own: it has `steps` at the top, which no topology has. */
export function isScenario(text: string): boolean {
  if (!/\bsteps\b/.test(text)) return false
  const { root, faults } = readDocument(text)
  return faults.length > 0 ? /^steps[ \t]*:/m.test(text) : get(root, 'steps') !== undefined
}

/**
 * Reads and checks a scenario in a file of its own. All faults are reported at once.
 *
 * @throws LabError TOPOLOGY_INVALID with line and column of each fault; USAGE if a value is set for an unknown variable
 */
export function parseScenario(text: string, options: ScenarioOptions = {}): Scenario {
  const { file } = options
  const { root: written, faults: yamlFaults } = readDocument(text, file)
  let root: Located = written
  const locate: Locate = (path, part = 'value') => originAt(root, path, part)
  const faults = new Faults(locate, file, 'the scenario')
  for (const { at, message } of yamlFaults) faults.addAt(at, message)
  if (yamlFaults.length === 0 && isNothing(written)) faults.add([], 'the file is empty; a scenario has `steps:`')
  faults.throwIfAny()
  const variables = new Variables(options, faults)
  if (written.type === 'map') root = expandSteps(variables.substitute(written), faults)
  const plain = toPlain(root, scenarioFile)
  const result = scenarioFile.safeParse(plain, { reportInput: true })
  if (!result.success) addSchemaFaults(faults, result.error.issues, scenarioFile)
  if (faults.isEmpty) variables.refuseUnknown(file ?? 'the scenario')
  if (!result.success) {
    addFaultsOfSound(plain, faults)
    faults.throwIfAny()
    // Not reached as far as we know: everything that the schema refuses has a place, and so is a fault.
    throw new LabError('INTERNAL', 'a scenario is refused without a fault')
  }
  const { lab = null, ...rest } = result.data
  const scenario = { lab, ...stepsOf(rest, [], faults), file, locate }
  faults.throwIfAny()
  return scenario
}

/** Adds what does not go together in the steps whose shape is right. */
function addFaultsOfSound(plain: unknown, faults: Faults): void {
  const { duration, steps } = (plain ?? {}) as { duration?: unknown; steps?: unknown }
  const shape = scenarioFile.shape.duration.safeParse(duration)
  if (!shape.success || !Array.isArray(steps)) return
  stepsOf({ duration: shape.data, steps: steps.map((each) => step.safeParse(each).data) }, [], faults)
}

/** The scenario of a topology; null if it has none. @throws LabError TOPOLOGY_INVALID with line and column of each fault */
export function scenarioOf(topology: Topology): Scenario | null {
  if (topology.scenario === undefined) return null
  const faults = new Faults(topology.locate, topology.file)
  const scenario = readScenario(topology, topology.scenario, faults)
  faults.throwIfAny()
  return scenario
}

/** Collects the faults of a topology's scenario. */
export const readScenario = (topology: Topology, written: WrittenScenario, faults: Faults): Scenario => ({
  lab: topology.name,
  ...stepsOf(written, ['scenario'], faults),
  file: topology.file,
  locate: topology.locate,
})
