// What netem does not do as it is written, and the wire does.
import type { Impairment } from '../../model/impairment.js'
import { percentageText } from '../values/percentage.js'

export interface WireOnly {
  key: 'loss' | 'duplicate' | 'corrupt' | 'reorder' | 'rate' | 'trace'
  /** Continues "netem …". */
  reason: string
}

/**
 * The impairments that only the wire does. netem compares a probability with a moving average of random numbers (get_crandom
 * of sch_netem.c), which is rarely far from the middle, so that rare events become far rarer: of a loss of 1 % with a correlation
 * of 25 %, 0.0002 % remain.
 */
export function wireOnly(impairment: Impairment): WireOnly[] {
  const { loss, duplicate, corrupt, reorder, rate, trace } = impairment
  const chances = { duplicate, corrupt, reorder }
  const correlated = (Object.keys(chances) as (keyof typeof chances)[]).filter(
    (key) => (chances[key]?.correlation ?? 0) > 0,
  )
  return [
    ...(trace ? [{ key: 'trace' as const, reason: 'has no rate that follows a trace' }] : []),
    ...(rate && rate.overheadBytes < 0
      ? [{ key: 'rate' as const, reason: 'goes with tbf for a rate, which has no negative overhead' }]
      : []),
    ...(loss?.model === 'random' && loss.correlation > 0
      ? [
          {
            key: 'loss' as const,
            reason: `loses far less with a correlation (of 1% at 25%, 0.0002%); write ${burstsLike(loss)}`,
          },
        ]
      : []),
    ...correlated.map((key) => ({
      key,
      reason: 'makes rare events far rarer where they have a correlation (of 1% at 25%, 0.0002%)',
    })),
  ]
}

/** The Gilbert model with the same share of losses and the same correlation of neighbours. */
function burstsLike({ probability, correlation }: { probability: number; correlation: number }): string {
  const [p, r] = [probability * (1 - correlation), (1 - probability) * (1 - correlation)]
  const text = (share: number) => percentageText(Number(share.toPrecision(4)))
  return `{ model: gilbert-elliott, p: ${text(p)}, r: ${text(r)} }`
}

/**
 * The share of the written standard deviation that a correlated jitter has on netem: that of a moving average of independent
 * random numbers.
 */
export const netemJitterShare = (correlation: number): number => Math.sqrt((1 - correlation) / (1 + correlation))

/** The warning about a correlated jitter on netem; null where it does what is written. */
export function netemJitterText({ jitter }: Impairment): string | null {
  const { correlation } = jitter ?? { correlation: 0 }
  if (correlation === 0) return null
  const share = percentageText(Number(netemJitterShare(correlation).toFixed(2)))
  return `netem makes a jitter with a correlation of ${percentageText(correlation)} smaller: about ${share} of what is written; the wire keeps it`
}
