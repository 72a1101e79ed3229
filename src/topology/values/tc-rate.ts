// Rates in the units of tc(8), such as `10mbit`, as numbers of bits per second. `bps` is bytes per second, as it is there.
import { parseQuantity, type Quantity, quantityText } from './quantity.js'

const PREFIXES = { '': 1n, k: 10n ** 3n, m: 10n ** 6n, g: 10n ** 9n, t: 10n ** 12n }
const BINARY_PREFIXES = { ki: 2n ** 10n, mi: 2n ** 20n, gi: 2n ** 30n, ti: 2n ** 40n }

const units = Object.entries({ ...PREFIXES, ...BINARY_PREFIXES }).flatMap(([prefix, factor]): [string, bigint][] => [
  [`${prefix}bit`, factor],
  [`${prefix}bps`, 8n * factor],
])

const RATE: Quantity = {
  noun: 'a rate',
  examples: '64kbit, 100mbit or 1.5gbit',
  units: Object.fromEntries(units),
  base: 'bits per second',
  least: 8n,
  most: 10n ** 12n,
  range: '8bit to 1tbit',
}

/** Bits per second, or a text that describes the fault. */
export function parseRate(text: string): number | string {
  if (/^[+-]?0*(?:\.0*)?[A-Za-z]+$/.test(text) && /0/.test(text))
    return 'a rate of zero carries nothing: `loss: 100%` does that, and `none` is no limit'
  const value = parseQuantity(text, RATE)
  return typeof value === 'string' ? value : Number(value)
}

const WRITTEN = [
  ['gbit', 10n ** 9n],
  ['mbit', 10n ** 6n],
  ['kbit', 10n ** 3n],
  ['bit', 1n],
] as const

export const rateText = (bitsPerSecond: number): string => quantityText(BigInt(bitsPerSecond), WRITTEN)
