// What a loss model does in the long run.
import type { Loss } from '../model/impairment.js'

export interface LongRun {
  probability: number
  /** So many probes say as much about the probability as one would if each were lost or not by itself. */
  inflation: number
}

/** A Markov chain whose state says how probable a loss is. */
interface Chain {
  /** From the row's state to the column's. */
  transitions: number[][]
  lossIn: number[]
}

export function longRunOf(loss: Loss | undefined): LongRun {
  if (loss === undefined) return { probability: 0, inflation: 1 }
  switch (loss.model) {
    case 'random':
      return { probability: loss.probability, inflation: inflationOf(loss.correlation) }
    case 'gilbert-elliott': {
      const { p, r, lossInGood, lossInBad } = loss
      return longRunOfChain({
        transitions: [
          [1 - p, p],
          [r, 1 - r],
        ],
        lossIn: [lossInGood, lossInBad],
      })
    }
    case 'state': {
      const { p13, p31, p32, p23, p14 } = loss
      return longRunOfChain({
        transitions: [
          [1 - p13 - p14, 0, p13, p14],
          [0, 1 - p23, p23, 0],
          [p31, p32, 1 - p31 - p32, 0],
          [1, 0, 0, 0],
        ],
        lossIn: [0, 0, 1, 1],
      })
    }
  }
}

/** Of samples of which each resembles the one before: an autoregressive process of first order. */
export const inflationOf = (correlation: number): number =>
  correlation >= 1 ? Number.POSITIVE_INFINITY : (1 + correlation) / (1 - correlation)

const STEPS = 20_000

function longRunOfChain({ transitions, lossIn }: Chain): LongRun {
  const next = (from: readonly number[]): number[] =>
    from.map((_, state) => from.reduce((sum, share, index) => sum + share * (transitions[index]?.[state] ?? 0), 0))
  // It starts in the first state. The mean with the step before ends a chain that alternates.
  let stationary: number[] = lossIn.map((_, state) => (state === 0 ? 1 : 0))
  for (let step = 0; step < STEPS; step++) {
    const after = next(stationary)
    stationary = stationary.map((share, state) => (share + (after[state] ?? 0)) / 2)
  }
  const lossOf = (shares: readonly number[]) =>
    shares.reduce((sum, share, state) => sum + share * (lossIn[state] ?? 0), 0)
  const probability = lossOf(stationary)
  if (probability <= 0 || probability >= 1) return { probability, inflation: 1 }
  // The shares of states given that a frame was lost, from one frame to the next.
  let given = stationary.map((share, state) => (share * (lossIn[state] ?? 0)) / probability)
  let sum = 0
  for (let step = 0; step < STEPS; step++) {
    given = next(given)
    const excess = lossOf(given) - probability
    sum += excess
    if (Math.abs(excess) < 1e-9) break
  }
  return { probability, inflation: Math.max(0.1, 1 + (2 * sum) / (1 - probability)) }
}
