// Checks that a value read from a file that may be damaged is the emulation of a link.
import type { Direction, EmulatedLink, Impairment, SourceImpairment } from './impairment.js'

type Fields = Readonly<Record<string, unknown>>
type Check = (value: unknown) => boolean

export function isEmulatedLink(value: unknown): value is EmulatedLink {
  const { backend, emulation } = fieldsOf(value)
  const { backend: written, directions } = fieldsOf(emulation)
  return (
    isOneOf('tbf', 'netem', 'wire')(backend) &&
    isOneOf('auto', 'netem', 'wire')(written) &&
    Array.isArray(directions) &&
    directions.length === 2 &&
    directions.every(isDirection)
  )
}

function isDirection(value: unknown): value is Direction {
  const { impairment, sources = [] } = fieldsOf(value)
  return isImpairmentOrNull(impairment) && Array.isArray(sources) && sources.every(isSource)
}

function isSource(value: unknown): value is SourceImpairment {
  const { station, mac, impairment, sharesRate } = fieldsOf(value)
  return (
    typeof station === 'string' &&
    matches(/^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/)(mac) &&
    isImpairmentOrNull(impairment) &&
    typeof sharesRate === 'boolean'
  )
}

const isImpairmentOrNull = (value: unknown): value is Impairment | null => value === null || has(IMPAIRMENT, value)

/** Whether it is a number from 0 to 2⁶³. */
const isAmount: Check = (value) => typeof value === 'number' && value >= 0 && value <= 2 ** 63
const isNumber: Check = (value) => Number.isFinite(value)
const isFraction: Check = (value) => typeof value === 'number' && value >= 0 && value <= 1
const isFlag: Check = (value) => typeof value === 'boolean'
const isListOf =
  (isOne: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(isOne)
const isOneOf =
  (...words: string[]): Check =>
  (value) =>
    words.includes(value as string)
const matches =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value)

/** What a key may have. A key that is not there is accepted where its check accepts `undefined`. */
type Shape = Readonly<Record<string, Check>>

const has = (shape: Shape, value: unknown): boolean => {
  const fields = fieldsOf(value)
  return (
    typeof value === 'object' && value !== null && Object.entries(shape).every(([key, check]) => check(fields[key]))
  )
}
const shaped =
  (...shapes: Shape[]): Check =>
  (value) =>
    shapes.some((shape) => has(shape, value))
const absentOr =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)

const CHANCE: Shape = { probability: isFraction, correlation: isFraction }
const CODEL: Shape = { packets: isAmount, targetNs: isAmount, intervalNs: isAmount, ecn: isFlag }

const IMPAIRMENT: Shape = {
  delayNs: absentOr(isAmount),
  jitter: absentOr(
    shaped({
      amountNs: isAmount,
      distribution: (value) =>
        isOneOf('uniform', 'normal', 'pareto', 'paretonormal')(value) || has({ table: isListOf(isNumber) }, value),
      correlation: isFraction,
      reorder: isFlag,
    }),
  ),
  loss: absentOr(
    shaped(
      { model: isOneOf('random'), ...CHANCE },
      {
        ...{ model: isOneOf('gilbert-elliott'), p: isFraction, r: isFraction },
        ...{ lossInBad: isFraction, lossInGood: isFraction },
      },
      {
        ...{ model: isOneOf('state'), p13: isFraction, p31: isFraction, p32: isFraction },
        ...{ p23: isFraction, p14: isFraction },
      },
    ),
  ),
  duplicate: absentOr(shaped(CHANCE)),
  reorder: absentOr(shaped({ ...CHANCE, gap: isAmount })),
  corrupt: absentOr(shaped(CHANCE)),
  rate: absentOr(shaped({ bitsPerSecond: isAmount, burstBytes: isAmount, overheadBytes: isNumber })),
  trace: absentOr(shaped({ file: (value) => typeof value === 'string', opportunitiesMs: isListOf(isAmount) })),
  queue: absentOr(
    shaped(
      { kind: isOneOf('fifo'), packets: isAmount },
      { kind: isOneOf('fifo'), bytes: isAmount },
      { kind: isOneOf('codel'), ...CODEL },
      { kind: isOneOf('fq_codel'), ...CODEL, flows: isAmount, quantumBytes: isAmount },
      {
        ...{ kind: isOneOf('red'), bytes: isAmount, minBytes: isAmount, maxBytes: isAmount },
        ...{ probability: isFraction, ecn: isFlag },
      },
    ),
  ),
  seed: absentOr(matches(/^\d{1,20}$/)),
}

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? value : {}) as Fields
