// The time of a scenario, in milliseconds since its beginning.
import { setTimeout } from 'node:timers/promises'

export interface Clock {
  now(): number
  /** Resolves at a time, never before; at once for one that has passed. @throws the signal's reason when aborted */
  until(ms: number, signal: AbortSignal): Promise<void>
}

/** A clock that begins to run now. The time in which the machine sleeps does not count. */
export function startClock(): Clock {
  const began = performance.now()
  const now = () => performance.now() - began
  return {
    now,
    async until(ms, signal) {
      signal.throwIfAborted()
      // A timer may end some microseconds early.
      for (let left = ms - now(); left > 0; left = ms - now()) {
        await setTimeout(Math.ceil(left), undefined, { signal }).catch(() => {})
        signal.throwIfAborted()
      }
    },
  }
}
