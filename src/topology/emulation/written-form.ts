// An impairment as it would be written in a topology, with everything that was filled in. Reading it gives the same impairment.
import type { Chance, Impairment, Jitter, Loss, Queue } from '../../model/impairment.js'
import type { WrittenImpairments } from '../schema/impairments.js'
import { percentageText } from '../values/percentage.js'
import { rateText } from '../values/tc-rate.js'
import { sizeText } from '../values/tc-size.js'
import { timeText } from '../values/tc-time.js'

/** What names the table of a jitter, whose file is not known any more. */
export const SAME_SAMPLES = '<samples>'

/** Without the seed, which was made from the written one. A trace has the name of its file. */
export function writtenForm({
  delayNs,
  jitter,
  loss,
  duplicate,
  corrupt,
  reorder,
  rate,
  trace,
  queue,
}: Impairment): WrittenImpairments {
  return {
    ...(delayNs === undefined ? {} : { delay: timeText(delayNs) }),
    ...(jitter === undefined ? {} : { jitter: jitterForm(jitter) }),
    ...(loss === undefined ? {} : { loss: lossForm(loss) }),
    ...(duplicate === undefined ? {} : { duplicate: chanceForm(duplicate) }),
    ...(corrupt === undefined ? {} : { corrupt: chanceForm(corrupt) }),
    ...(reorder === undefined ? {} : { reorder: { ...chanceForm(reorder), gap: reorder.gap } }),
    ...(rate === undefined
      ? {}
      : {
          rate: {
            rate: rateText(rate.bitsPerSecond),
            burst: sizeText(rate.burstBytes),
            overhead: sizeText(rate.overheadBytes),
          },
        }),
    ...(trace === undefined ? {} : { trace: trace.file }),
    ...(queue === undefined ? {} : { queue: queueForm(queue) }),
  }
}

const chanceForm = ({ probability, correlation }: Chance) => ({
  probability: percentageText(probability),
  correlation: percentageText(correlation),
})

const jitterForm = ({ amountNs, distribution, correlation, reorder }: Jitter) => ({
  amount: timeText(amountNs),
  distribution: typeof distribution === 'string' ? distribution : { samples: SAME_SAMPLES },
  correlation: percentageText(correlation),
  reorder,
})

function lossForm(loss: Loss): NonNullable<WrittenImpairments['loss']> {
  switch (loss.model) {
    case 'random':
      return { model: loss.model, ...chanceForm(loss) }
    case 'gilbert-elliott':
      return {
        model: loss.model,
        p: percentageText(loss.p),
        r: percentageText(loss.r),
        '1-h': percentageText(loss.lossInBad),
        '1-k': percentageText(loss.lossInGood),
      }
    case 'state': {
      const { model, p13, p31, p32, p23, p14 } = loss
      const [t13, t31, t32, t23, t14] = [p13, p31, p32, p23, p14].map(percentageText) as [
        string,
        string,
        string,
        string,
        string,
      ]
      return { model, p13: t13, p31: t31, p32: t32, p23: t23, p14: t14 }
    }
  }
}

function queueForm(queue: Queue): NonNullable<WrittenImpairments['queue']> {
  switch (queue.kind) {
    case 'fifo':
      return { kind: queue.kind, limit: 'packets' in queue ? queue.packets : sizeText(queue.bytes) }
    case 'codel':
      return { kind: queue.kind, limit: queue.packets, ...timesForm(queue) }
    case 'fq_codel': {
      const { kind, packets, flows, quantumBytes } = queue
      return { kind, limit: packets, flows, quantum: sizeText(quantumBytes), ...timesForm(queue) }
    }
    case 'red': {
      const { kind, bytes, minBytes, maxBytes, probability, ecn } = queue
      return {
        kind,
        limit: sizeText(bytes),
        min: sizeText(minBytes),
        max: sizeText(maxBytes),
        probability: percentageText(probability),
        ecn,
      }
    }
  }
}

const timesForm = ({ targetNs, intervalNs, ecn }: Extract<Queue, { kind: 'codel' | 'fq_codel' }>) => ({
  target: timeText(targetNs),
  interval: timeText(intervalNs),
  ecn,
})
