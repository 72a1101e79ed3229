// Written losses and other chances as probabilities.
import type { Chance, Loss } from '../../model/impairment.js'
import type { Path } from '../source/located.js'
import { parsePercentage } from '../values/percentage.js'
import type { Written } from './layers.js'
import type { Report } from './report.js'

/** Sums of percentages such as 0.1 and 0.2 differ a little from what is meant. */
const ROUNDING = 1e-9

/** The schema has refused what is none. */
export const share = (text: string): number => Number(parsePercentage(text))

const shareOr = (text: string | undefined, absent: number): number => (text === undefined ? absent : share(text))

/** null for one that never happens. */
export function chanceOf(written: Written<'duplicate' | 'corrupt'>): Chance | null {
  const { probability, correlation = '0%' } = typeof written === 'string' ? { probability: written } : written
  return share(probability) === 0 ? null : { probability: share(probability), correlation: share(correlation) }
}

/** null for one that never happens. The defaults are those of tc-netem(8). */
export function lossOf(written: Written<'loss'>, path: Path, report: Report): Loss | null {
  if (typeof written === 'string') return lossOf({ model: 'random', probability: written }, path, report)
  switch (written.model) {
    case 'random': {
      const chance = chanceOf(written)
      return chance && { model: 'random', ...chance }
    }
    case 'gilbert-elliott':
    case 'gemodel': {
      const p = share(written.p)
      const r = shareOr(written.r, 1 - p)
      const lossInBad = shareOr(written['1-h'], 1)
      const lossInGood = shareOr(written['1-k'], 0)
      if (p > 0 && r === 0)
        report(
          [...path, 'r'],
          'with an `r` of 0% the bad state never ends; `r` is the chance for each frame that it does',
        )
      return (p === 0 || lossInBad === 0) && lossInGood === 0
        ? null
        : { model: 'gilbert-elliott', p, r, lossInBad, lossInGood }
    }
    case 'state': {
      const p13 = share(written.p13)
      const p31 = shareOr(written.p31, 1 - p13)
      const [p32, p23, p14] = [shareOr(written.p32, 0), shareOr(written.p23, 1), shareOr(written.p14, 0)]
      if (p13 + p14 > 1 + ROUNDING)
        report([...path, 'p13'], '`p13` and `p14` are the ways out of state 1: together at most 100%')
      if (p31 + p32 > 1 + ROUNDING)
        report([...path, 'p31'], '`p31` and `p32` are the ways out of state 3: together at most 100%')
      if (p13 > 0 && p31 + p32 === 0)
        report(
          [...path, 'p31'],
          'with a `p31` of 0% a burst never ends; `p31` is the chance for each frame that it does',
        )
      return p13 === 0 && p14 === 0 ? null : { model: 'state', p13, p31, p32, p23, p14 }
    }
  }
}
