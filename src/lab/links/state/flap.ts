// Takes links down and up again at regular times.
import { setTimeout } from 'node:timers/promises'
import type { TurnOptions } from '../../turn/turn.js'
import { requireWire } from '../carrier.js'
import type { LinkEnd } from '../endpoint.js'
import { bringUp, type LinkChange, takeDown } from './link-state.js'

export interface FlapTimes {
  everyMs: number
  /** Less than `everyMs`. */
  downMs: number
  totalMs: number
}

export interface FlapOptions {
  signal: AbortSignal
  onChange: (change: LinkChange) => void
  /** How it waits for other commands, each time anew. */
  turn?: TurnOptions
}

/**
 * Resolves when the time is over or the signal is aborted; the links are up then.
 *
 * @returns how often they were down
 * @throws as `takeDown` and `bringUp`
 */
export async function flap(
  ends: readonly LinkEnd[],
  { everyMs, downMs, totalMs }: FlapTimes,
  { signal, onChange, turn = {} }: FlapOptions,
): Promise<number> {
  const began = performance.now()
  // Each time is counted from the beginning, so that delays do not add up.
  const until = async (ms: number) =>
    await setTimeout(Math.max(0, began + ms - performance.now()), undefined, { signal }).catch(() => {})
  let failures = 0
  try {
    // A link that nothing carries fails at once, and not after its first time down.
    await requireWire(ends)
    for (let at = 0; at < totalMs && !signal.aborted; at += everyMs) {
      await until(at)
      if (signal.aborted) break
      for (const change of await takeDown(ends, turn)) onChange(change)
      failures++
      await until(at + downMs)
      for (const change of await bringUp(ends, turn)) onChange(change)
    }
    if (Number.isFinite(totalMs)) await until(totalMs)
  } finally {
    await bringUp(ends)
  }
  return failures
}
