// The times of all steps, in order.
import type { Scenario, ScenarioStep } from '../../topology/scenario/scenario.js'

export interface Due {
  atMs: number
  /** Number of the step in the file, from 0. */
  index: number
  step: ScenarioStep
}

/** Steps of the same time are in the order of the file. */
export function scheduleOf({ steps }: Pick<Scenario, 'steps'>): Due[] {
  const all = steps.flatMap((step, index) => {
    const { firstMs, everyMs, count } = step.times
    return Array.from({ length: count }, (_, time) => ({ atMs: firstMs + time * everyMs, index, step }))
  })
  return all.sort((a, b) => a.atMs - b.atMs || a.index - b.index)
}
