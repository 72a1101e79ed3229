// Writes the configuration of links as words for the wire (native-shim/README.md, "wire").
import { distributionTable } from '../../model/distribution-table.js'
import type { Direction, Impairment, Jitter, LinkEmulation, Loss, Queue } from '../../model/impairment.js'

/** A link that the wire carries. */
export interface WireLink {
  /** Number of the link in the lab. */
  link: number
  /** The ifindexes of its ends in the wire's network namespace. */
  indexes: [number, number]
  emulation: LinkEmulation
}

export function wireWords({ link, indexes, emulation }: WireLink): string[] {
  return [
    ...['link', String(link), ...indexes.map(String)],
    ...emulation.directions.flatMap((direction, at) => [
      'direction',
      at === 0 ? 'a' : 'b',
      ...directionWords(direction),
    ]),
  ]
}

const directionWords = ({ impairment, sources = [] }: Direction): string[] => [
  'class',
  'default',
  ...(impairment === null ? [] : [...pathWords(impairment), ...bottleneckWords(impairment)]),
  ...sources.flatMap(({ mac, impairment: own, sharesRate }) => [
    ...['class', mac, ...(sharesRate ? ['shared'] : [])],
    ...(own === null ? [] : [...pathWords(own), ...(sharesRate ? [] : bottleneckWords(own))]),
  ]),
]

/** What happens to a frame before it reaches the bottleneck. */
function pathWords(impairment: Impairment): string[] {
  const { delayNs, jitter, loss, duplicate, corrupt, reorder, seed } = impairment
  return [
    ...(delayNs === undefined ? [] : ['delay', whole(delayNs)]),
    ...(jitter === undefined ? [] : jitterWords(jitter)),
    ...(loss === undefined ? [] : ['loss', ...lossWords(loss)]),
    ...(duplicate === undefined ? [] : ['duplicate', fraction(duplicate.probability), fraction(duplicate.correlation)]),
    ...(corrupt === undefined ? [] : ['corrupt', fraction(corrupt.probability), fraction(corrupt.correlation)]),
    ...(reorder === undefined
      ? []
      : ['reorder', fraction(reorder.probability), fraction(reorder.correlation), whole(reorder.gap)]),
    ...(seed === undefined ? [] : ['seed', seed]),
  ]
}

function bottleneckWords({ rate, trace, queue }: Impairment): string[] {
  return [
    ...(rate === undefined
      ? []
      : ['rate', whole(rate.bitsPerSecond), whole(rate.burstBytes), whole(rate.overheadBytes)]),
    ...(trace === undefined ? [] : ['trace', trace.opportunitiesMs.join(',')]),
    ...(queue === undefined ? [] : ['queue', ...queueWords(queue)]),
  ]
}

function jitterWords({ amountNs, distribution, correlation, reorder }: Jitter): string[] {
  const table = distributionTable(distribution)
  const shape = table === null ? 'uniform' : hexOf(table)
  return ['jitter', whole(amountNs), fraction(correlation), reorder ? 'reorder' : 'keep', shape]
}

function lossWords(loss: Loss): string[] {
  switch (loss.model) {
    case 'random':
      return ['random', fraction(loss.probability), fraction(loss.correlation)]
    case 'gilbert-elliott':
      return ['gilbert-elliott', ...[loss.p, loss.r, loss.lossInBad, loss.lossInGood].map(fraction)]
    case 'state':
      return ['state', ...[loss.p13, loss.p31, loss.p32, loss.p23, loss.p14].map(fraction)]
  }
}

function queueWords(queue: Queue): string[] {
  switch (queue.kind) {
    case 'fifo':
      return 'packets' in queue ? ['packets', whole(queue.packets)] : ['bytes', whole(queue.bytes)]
    case 'codel':
      return ['codel', ...[queue.packets, queue.targetNs, queue.intervalNs].map(whole), flag(queue.ecn)]
    case 'fq_codel': {
      const { packets, flows, quantumBytes, targetNs, intervalNs, ecn } = queue
      return ['fq_codel', ...[packets, flows, quantumBytes, targetNs, intervalNs].map(whole), flag(ecn)]
    }
    case 'red': {
      const { bytes, minBytes, maxBytes, probability, ecn } = queue
      return ['red', ...[bytes, minBytes, maxBytes].map(whole), fraction(probability), flag(ecn)]
    }
  }
}

/** Without an exponent, which JavaScript writes from 10²¹ on. */
const whole = (value: number): string => BigInt(Math.round(value)).toString()

/** A number from 0 to 1 as strtod(3) reads it. */
const fraction = (value: number): string => String(value)

const flag = (value: boolean): string => (value ? '1' : '0')

/** 16-bit numbers, little-endian. */
const hexOf = (table: readonly number[]): string => Buffer.from(Int16Array.from(table).buffer).toString('hex')
