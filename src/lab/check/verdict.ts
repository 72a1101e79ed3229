// What one attempt of a check comes to.
import type { CheckedPair } from '../../model/reach/check.js'

export interface Verdict {
  /** What was found instead of what is expected; null if the check passed. */
  reason: string | null
  /** The first pair that failed, of which an explanation says more; absent for other checks. */
  failing?: CheckedPair
  /** True when the check failed because something was silent that need not answer every time; absent otherwise. */
  isUncertain?: boolean
}

export const PASSED: Verdict = { reason: null }

const MAX_SHOWN = 3

/** A verdict of failures of pairs, of which the first few are told. */
export function failuresOf(failures: readonly { pair: CheckedPair; reason: string }[], pairs: number): Verdict {
  const [first] = failures
  if (!first) return PASSED
  if (pairs === 1) return { reason: first.reason, failing: first.pair }
  const shown = failures.slice(0, MAX_SHOWN).map(({ pair, reason }) => `${pair.from} -> ${pair.to}: ${reason}`)
  const more = failures.length > MAX_SHOWN ? `; and ${failures.length - MAX_SHOWN} more` : ''
  return {
    reason: `${failures.length} of ${pairs} pairs failed: ${shown.join('; ')}${more}`,
    failing: first.pair,
  }
}

/** Every sender with every receiver but itself. */
export const pairsIn = ({ from, to }: { from: readonly string[]; to: readonly string[] }): CheckedPair[] =>
  from.flatMap((sender) => to.filter((each) => each !== sender).map((receiver) => ({ from: sender, to: receiver })))
