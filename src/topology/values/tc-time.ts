// Times in the units of tc(8), such as `10ms`, as numbers of nanoseconds.
import { parseQuantity, type Quantity, quantityText } from './quantity.js'

const SECOND = 1_000_000_000n
/** Light needs 20 minutes to Mars; a longer delay is a mistyped one. */
const DELAY_MAX = 3_600n * SECOND
/** INT_MAX nanoseconds, to which netem cuts a jitter without a word (sch_netem.c). */
const JITTER_MAX = 2_147_483_647n

const UNITS = {
  ...{ s: SECOND, sec: SECOND, secs: SECOND },
  ...{ ms: 1_000_000n, msec: 1_000_000n, msecs: 1_000_000n },
  ...{ us: 1_000n, usec: 1_000n, usecs: 1_000n },
  ...{ ns: 1n, nsec: 1n, nsecs: 1n },
}

const times = (noun: string, least: bigint, most: bigint, range: string): Quantity => ({
  noun,
  examples: '10ms, 100us or 1.5s',
  units: UNITS,
  base: 'nanoseconds',
  least,
  most,
  range,
})

const DELAY = times('a time', 0n, DELAY_MAX, '0s to 3600s')
const JITTER = times('a jitter', 0n, JITTER_MAX, '0s to 2.147483647s')
/** The kernel counts those of CoDel in microseconds, and the wire has none of 0. */
const CODEL = times('a time of CoDel', 1_000n, DELAY_MAX, '1us to 3600s')

/** Nanoseconds, or a text that describes the fault. */
export const parseTime = (text: string): number | string => toNumber(parseQuantity(text, DELAY))

/** `target` and `interval` of a queue. */
export const parseCodelTime = (text: string): number | string => toNumber(parseQuantity(text, CODEL))

export const parseJitter = (text: string): number | string => toNumber(parseQuantity(text, JITTER))

const WRITTEN = [
  ['s', SECOND],
  ['ms', 1_000_000n],
  ['us', 1_000n],
  ['ns', 1n],
] as const

export const timeText = (nanoseconds: number): string => quantityText(BigInt(nanoseconds), WRITTEN)

const toNumber = (value: bigint | string): number | string => (typeof value === 'string' ? value : Number(value))
