// Repeats the steps of a scenario.
import type { Faults } from './faults.js'
import { type Located, list, map, withEntries } from './located.js'
import { Repetition } from './repeat.js'

/** The scenario as a map, in which each step that has `repeat` is there as often. Anything else stays as it is. */
export function expandSteps(written: Located, faults: Faults): Located {
  const scenario =
    written.type === 'list' ? map(new Map([['steps', { key: written.at, value: written }]]), written.at) : written
  const steps = scenario.type === 'map' ? scenario.entries.get('steps') : undefined
  if (scenario.type !== 'map' || steps?.value.type !== 'list') return scenario
  const repetition = new Repetition(faults)
  const items = steps.value.items.flatMap((step): Located[] =>
    step.type === 'map' ? [...repetition.of(step)].map(({ body }) => body) : [step],
  )
  return withEntries(scenario, [['steps', { key: steps.key, value: list(items, steps.value.at) }]])
}
