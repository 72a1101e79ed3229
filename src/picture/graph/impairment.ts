// What a link does to frames, in a few short words.
import type { Direction, Impairment, Loss } from '../../model/impairment.js'
import type { LinkView } from '../../model/lab-view.js'

/** One line for both directions if they are equal, else one for each that is impaired: `h1 → 10mbit`. Empty: as they are. */
export function impairmentLabels({ a, b, emulation }: LinkView): string[] {
  if (!emulation) return []
  const [fromA, fromB] = emulation.directions.map(directionText) as [string, string]
  if (fromA === fromB) return fromA === '' ? [] : [fromA]
  return [...(fromA === '' ? [] : [`${nodeOf(a)} → ${fromA}`]), ...(fromB === '' ? [] : [`${nodeOf(b)} → ${fromB}`])]
}

const nodeOf = (endpoint: string): string => endpoint.slice(0, endpoint.indexOf(':'))

function directionText({ impairment, sources = [] }: Direction): string {
  const others = sources.length === 0 ? [] : [`${sources.length} by source`]
  return [...(impairment ? impairmentWords(impairment) : []), ...others].join(', ')
}

function impairmentWords({
  delayNs = 0,
  jitter,
  loss,
  duplicate,
  reorder,
  corrupt,
  rate,
  trace,
}: Impairment): string[] {
  const spread = jitter ? ` ±${timeText(jitter.amountNs)}` : ''
  return [
    ...(delayNs > 0 || jitter ? [`${timeText(delayNs)}${spread}`] : []),
    ...(loss ? [`loss ${percent(lossShare(loss))}`] : []),
    ...(duplicate ? [`duplicate ${percent(duplicate.probability)}`] : []),
    ...(corrupt ? [`corrupt ${percent(corrupt.probability)}`] : []),
    ...(reorder ? [`reorder ${percent(reorder.probability)}`] : []),
    ...(rate ? [rateText(rate.bitsPerSecond)] : []),
    ...(trace ? ['trace'] : []),
  ]
}

/** The share of frames that are lost in the long run. */
function lossShare(loss: Loss): number {
  switch (loss.model) {
    case 'random':
      return loss.probability
    case 'gilbert-elliott': {
      const bad = loss.p + loss.r === 0 ? 0 : loss.p / (loss.p + loss.r)
      return bad * loss.lossInBad + (1 - bad) * loss.lossInGood
    }
    case 'state':
      return stationaryLoss(loss)
  }
}

/**
 * The time that the four states of tc-netem(8) spend in losing: from the balance of entering and leaving each state, in units of the time
 * in state 1.
 */
function stationaryLoss({ p13, p31, p32, p23, p14 }: Extract<Loss, { model: 'state' }>): number {
  if (p23 === 0 && p32 > 0 && p13 > 0) return 0
  const burst = p31 === 0 ? (p13 === 0 ? 0 : Number.POSITIVE_INFINITY) : p13 / p31
  if (burst === Number.POSITIVE_INFINITY) return 1
  const within = p23 === 0 ? 0 : (burst * p32) / p23
  return (burst + p14) / (1 + burst + within + p14)
}

function timeText(ns: number): string {
  if (ns >= 1e9) return `${short(ns / 1e9)} s`
  return ns >= 1e6 || ns === 0 ? `${short(ns / 1e6)} ms` : `${short(ns / 1e3)} µs`
}

function rateText(bits: number): string {
  if (bits >= 1e9) return `${short(bits / 1e9)} Gbit/s`
  if (bits >= 1e6) return `${short(bits / 1e6)} Mbit/s`
  return bits >= 1e3 ? `${short(bits / 1e3)} kbit/s` : `${short(bits)} bit/s`
}

const percent = (share: number): string => `${short(share * 100)} %`

/** Three significant digits, as they are written: 100000 rather than 1e+5. */
const short = (value: number): string => String(Number(value.toPrecision(3)))
