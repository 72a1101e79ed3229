// Turns written steps into steps with their times and one action each, and refuses what does not go together in one step.
import { ACTIONS, type ActionName, parseMoment, type WrittenStep } from '../schema/scenario.js'
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'
import { expectationOf } from './expectation.js'
import type { Scenario, ScenarioAction, ScenarioStep } from './scenario.js'
import { commandOf, wordsOf } from './words.js'

/** The most times that all steps of a scenario together are done. */
const MAX_TIMES = 100_000

/** Keys that go with `every`. */
const OF_EVERY = ['from', 'until', 'count'] as const

/** @param above the path of the scenario in its file */
export function stepsOf(
  { duration, steps: written }: { duration?: string | undefined; steps: readonly (WrittenStep | undefined)[] },
  above: Path,
  faults: Faults,
): Pick<Scenario, 'durationMs' | 'steps'> {
  const limitMs = duration === undefined ? null : msOf(duration)
  const steps = written.flatMap((step, index) =>
    step ? stepOf(step, [...above, 'steps', index], limitMs, faults) : [],
  )
  const total = steps.reduce((sum, { times }) => sum + times.count, 0)
  if (total > MAX_TIMES) {
    faults.add([...above, 'steps'], `the steps are done ${total} times together; at most ${MAX_TIMES} are possible`)
  }
  const lastMs = steps.map(({ times: { firstMs, everyMs, count } }) => firstMs + everyMs * (count - 1))
  return { durationMs: limitMs ?? lastMs.reduce((most, each) => Math.max(most, each), 0), steps }
}

function stepOf(step: WrittenStep, path: Path, limitMs: number | null, faults: Faults): ScenarioStep[] {
  const times = timesOf(step, path, limitMs, faults)
  const [name, ...others] = ACTIONS.filter((key) => step[key] !== undefined)
  for (const other of others) {
    faults.add([...path, other], `a step does one thing, here ${name}: write ${other} as a step of its own`, 'key')
  }
  if (name === undefined) faults.add(path, `the step does nothing: it needs one of ${ACTIONS.join(', ')}`)
  const action = name && actionOf(step, name, [...path, name], faults)
  return times && action ? [{ times, action, path }] : []
}

function timesOf(
  step: WrittenStep,
  path: Path,
  limitMs: number | null,
  faults: Faults,
): ScenarioStep['times'] | undefined {
  const { at, every, from = '0s', until, count = Number.POSITIVE_INFINITY } = step
  const refuse = (key: string, message: string): undefined => faults.add([...path, key], message) as undefined
  if (at !== undefined && every !== undefined) return refuse('every', 'a step has `at` or `every`, not both')
  if (at === undefined && every === undefined) {
    return faults.add(path, 'the step has no time: it needs `at`, such as `at: 5s`, or `every`') as undefined
  }
  const firstMs = msOf(at ?? from)
  const [firstKey, first] = at === undefined ? ['from', from] : ['at', at]
  if (limitMs !== null && firstMs > limitMs) return refuse(firstKey, `${first} is after the \`duration\` of the whole`)
  if (every === undefined) {
    const stray = OF_EVERY.find((key) => step[key] !== undefined)
    if (stray !== undefined) return refuse(stray, `\`${stray}\` goes with \`every\`, not with \`at\``)
    return { firstMs, everyMs: 0, count: 1 }
  }
  const lastMs = Math.min(
    until === undefined ? Number.POSITIVE_INFINITY : msOf(until),
    limitMs ?? Number.POSITIVE_INFINITY,
  )
  if (lastMs < firstMs) return refuse('until', `${until} is before ${from}, the first time`)
  const everyMs = msOf(every)
  const times = Math.min(count, Math.floor((lastMs - firstMs) / everyMs) + 1)
  if (times === Number.POSITIVE_INFINITY)
    return refuse('every', 'this has no end: add `until` or `count`, or a `duration` of the whole')
  return { firstMs, everyMs, count: times }
}

function actionOf(step: WrittenStep, name: ActionName, path: Path, faults: Faults): ScenarioAction | undefined {
  switch (name) {
    case 'set': {
      const changes = Object.entries(step.set ?? {}).map(([endpoint, written]) => {
        const words = wordsOf(written)
        if (words.length === 0) faults.add([...path, endpoint], `${endpoint} is left as it is: write what changes`)
        return { endpoint, words }
      })
      if (changes.length === 0) faults.add(path, 'an endpoint is missing')
      return { action: name, changes }
    }
    case 'clear':
    case 'down':
    case 'up':
      return { action: name, endpoints: listOf(step[name]) }
    case 'pause':
    case 'resume':
      return { action: name, nodes: step[name] === 'all' ? null : listOf(step[name]) }
    case 'exec':
      return step.exec && { action: name, node: step.exec.node, command: commandOf(step.exec.command) }
    case 'expect':
      return step.expect && expectationOf(step.expect, path, faults)
  }
}

const listOf = (written: string | string[] | undefined): string[] => [written ?? []].flat()

/** The schema has checked the text. */
const msOf = (text: string): number => Number(parseMoment(text))
