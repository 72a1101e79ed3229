// How long matchers try again.
import { setTimeout as sleep } from 'node:timers/promises'
import { LabError } from '../errors.js'
import { parseDuration } from '../topology/values/duration.js'

/** How long to try again until the expectation holds: a text such as `5s`, or milliseconds. The last attempt may take longer. */
export type Within = string | number

/** Time between two attempts. */
const PAUSE_MS = 100

/**
 * Asks until the answer is the wanted one or the time is over, at least once.
 *
 * @returns the last answer
 * @throws LabError USAGE for what is no duration; whatever `ask` throws
 */
export async function askWithin<T>(
  within: Within | undefined,
  ask: () => Promise<T>,
  isWanted: (answer: T) => boolean,
): Promise<T> {
  const end = performance.now() + millisecondsOf(within ?? 0)
  for (;;) {
    const answer = await ask()
    if (isWanted(answer) || performance.now() >= end) return answer
    await sleep(PAUSE_MS)
  }
}

function millisecondsOf(within: Within): number {
  if (typeof within === 'number') return within
  const duration = parseDuration(within)
  if (typeof duration === 'string') throw new LabError('USAGE', `within: ${duration}`)
  return duration.seconds * 1000 + duration.nanoseconds / 1e6
}
