// What can be known before the first step: whether the lab has what the steps name, and whether its links can be set as they say.
import type { LinkEmulation } from '../../model/impairment.js'
import { changeLink } from '../../topology/emulation/change-link.js'
import type { ReadSource } from '../../topology/emulation/emulations.js'
import { addUnknownNames, type NamesOfLab } from '../../topology/scenario/names.js'
import type { Scenario, ScenarioStep } from '../../topology/scenario/scenario.js'
import { Faults } from '../../topology/source/faults.js'
import { endOf } from '../links/endpoint.js'
import type { RunningLab } from '../record/select.js'
import type { LinkCalls } from './link-calls.js'

/**
 * Checks a scenario against a lab as it is now. It also reads what steps will read, since the first time takes longer.
 *
 * @throws LabError TOPOLOGY_INVALID with line and column of every fault; KernelError when a node's network cannot be read
 */
export async function prepare(
  lab: RunningLab,
  scenario: Scenario,
  calls: LinkCalls,
  readSource?: ReadSource,
): Promise<void> {
  const faults = new Faults(scenario.locate, scenario.file, 'the scenario')
  addUnknownNames(scenario, namesOf(lab), faults)
  faults.throwIfAny()
  const planned = new Map<number, LinkEmulation>()
  // Only the order of the first times is looked at: what a step does to a link seldom depends on more.
  const steps = scenario.steps.toSorted((a, b) => a.times.firstMs - b.times.firstMs)
  const changed = steps.flatMap((step) => changedBy(step).map((change) => ({ step, ...change })))
  const mtus = await calls.mtus(
    lab,
    changed.map(({ text }) => text),
  )
  for (const [index, { step, text, words, isCleared }] of changed.entries()) {
    if (words === null) continue
    const end = endOf(lab, text)
    const before = planned.get(end.link) ?? lab.state.emulations?.[end.link]?.emulation ?? null
    const sender = { side: end.side, ends: lab.state.links[end.link] as [string, string], mtu: mtus[index] as number }
    const after = changeLink(before, { words, isCleared }, sender, readSource)
    if ('emulation' in after) planned.set(end.link, after.emulation)
    else for (const fault of after.faults) faults.add([...step.path, 'set', text], fault)
  }
  faults.throwIfAny()
}

/** The endpoints that a step changes; `words` are null where no impairments are. */
function changedBy({ action }: ScenarioStep): { text: string; words: readonly string[] | null; isCleared: boolean }[] {
  switch (action.action) {
    case 'set':
      return action.changes.map(({ endpoint, words }) => ({ text: endpoint, words, isCleared: false }))
    case 'clear':
      return action.endpoints.map((text) => ({ text, words: [], isCleared: true }))
    case 'down':
    case 'up':
      return action.endpoints.map((text) => ({ text, words: null, isCleared: false }))
    case 'pause':
    case 'resume':
    case 'exec':
    case 'expect':
      return []
  }
}

/** See `NamesOfLab`. */
function namesOf({ state }: RunningLab): NamesOfLab {
  const names = new Map(state.nodes.map(({ name }): [string, string[]] => [name, []]))
  for (const end of state.links.flat()) {
    const colon = end.indexOf(':')
    names.get(end.slice(0, colon))?.push(end.slice(colon + 1))
  }
  return names
}
