// Impairments as a short text in the words of tc(8), for tables.
import type { Chance, Direction, Impairment, Loss, Queue } from '../../model/impairment.js'
import { percentageText } from '../values/percentage.js'
import { rateText } from '../values/tc-rate.js'
import { sizeText } from '../values/tc-size.js'
import { timeText } from '../values/tc-time.js'

/** Such as `delay 10ms loss 0.5%`; null for none. */
export function directionText({ impairment, sources = [] }: Direction): string | null {
  const stations = new Set(sources.map(({ station }) => station)).size
  const pairs = stations === 0 ? [] : [`${stations} ${stations === 1 ? 'pair' : 'pairs'}`]
  const parts = [...(impairment ? [impairmentText(impairment)] : []), ...pairs]
  return parts.length === 0 ? null : parts.join(', ')
}

/** In the order in which a frame meets them, but the delay first, as tc(8) has it. */
export function impairmentText(impairment: Impairment): string {
  const { delayNs, loss, duplicate, corrupt, reorder, rate, trace, queue } = impairment
  const words = [
    ...(delayNs === undefined && !impairment.jitter
      ? []
      : [`delay ${timeText(delayNs ?? 0)}${jitterText(impairment)}`]),
    ...(loss ? [`loss ${lossText(loss)}`] : []),
    ...(duplicate ? [`duplicate ${chanceText(duplicate)}`] : []),
    ...(corrupt ? [`corrupt ${chanceText(corrupt)}`] : []),
    ...(reorder ? [`reorder ${chanceText(reorder)}${reorder.gap === 1 ? '' : ` gap ${reorder.gap}`}`] : []),
    ...(rate ? [`rate ${rateText(rate.bitsPerSecond)}`] : []),
    ...(trace ? [`trace ${trace.file}`] : []),
    ...(queue ? [queueText(queue)] : []),
  ]
  return words.join(' ')
}

function jitterText({ jitter }: Impairment): string {
  if (!jitter) return ''
  const { amountNs, distribution, correlation } = jitter
  const name = typeof distribution === 'string' ? distribution : 'samples'
  const correlated = correlation === 0 ? '' : ` ${percentageText(correlation)}`
  return ` ${timeText(amountNs)}${correlated}${name === 'uniform' ? '' : ` distribution ${name}`}`
}

const chanceText = ({ probability, correlation }: Chance): string =>
  correlation === 0 ? percentageText(probability) : `${percentageText(probability)} ${percentageText(correlation)}`

function lossText(loss: Loss): string {
  switch (loss.model) {
    case 'random':
      return chanceText(loss)
    case 'gilbert-elliott':
      return `gemodel ${[loss.p, loss.r, loss.lossInBad, loss.lossInGood].map(percentageText).join(' ')}`
    case 'state':
      return `state ${[loss.p13, loss.p31, loss.p32, loss.p23, loss.p14].map(percentageText).join(' ')}`
  }
}

function queueText(queue: Queue): string {
  const limit = 'packets' in queue ? `${queue.packets}p` : sizeText(queue.bytes)
  return queue.kind === 'fifo' ? `limit ${limit}` : `${queue.kind} limit ${limit}`
}
