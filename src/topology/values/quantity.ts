// Numbers with a unit, such as `1.5mbit`: exact decimal arithmetic, in the units of tc(8), which ignore case.

/** The longest text that is read. */
const MAX_LENGTH = 40
const FORM = /^([+-]?)([0-9]+)(?:\.([0-9]+))?\s*([A-Za-z]*)$/

export interface Quantity {
  /** In the faults: `a time`. */
  noun: string
  /** In the faults: `10ms, 100us or 1.5s`. */
  examples: string
  /** What one of each unit is in `base`. */
  units: Readonly<Record<string, bigint>>
  /** In the faults: `nanoseconds`. */
  base: string
  /** Of the value in `base`, both allowed. */
  least: bigint
  most: bigint
  /** In the faults: `0s to 3600s`. */
  range: string
}

/** Reads a number with its unit. Returns a text that describes the fault if it is none. */
export function parseQuantity(text: string, quantity: Quantity): bigint | string {
  const { noun, examples, units, base, least, most, range } = quantity
  const [, sign, whole = '', fraction = '', unit = ''] =
    (text.length > MAX_LENGTH ? null : FORM.exec(text.trim())) ?? []
  if (sign === undefined) return `${shown(text)} is not ${noun} such as ${examples}`
  if (unit === '') return `${text} has no unit: ${noun} is written like ${examples}`
  const factor = unitOf(units, unit)
  if (factor === undefined) return `${unit} is no unit of ${noun}, which is written like ${examples}`
  const scaled = BigInt(`${whole}${fraction}`) * factor
  const scale = 10n ** BigInt(fraction.length)
  const signed = sign === '-' ? -scaled : scaled
  if (signed < least * scale || signed > most * scale) return `${text} is out of range: ${noun} is ${range}`
  return scaled % scale === 0n ? signed / scale : `${text} is no whole number of ${base}`
}

function unitOf(units: Quantity['units'], unit: string): bigint | undefined {
  const name = unit.toLowerCase()
  return Object.hasOwn(units, name) ? units[name] : undefined
}

/** Writes a value with the largest of some units in which it is a decimal number of at most three places, at least 1. */
export function quantityText(value: bigint, units: readonly (readonly [string, bigint])[]): string {
  const size = value < 0n ? -value : value
  const fits = ([, factor]: readonly [string, bigint]) => size >= factor && (size * 1000n) % factor === 0n
  const [unit, factor] = units.find(fits) ?? (units.at(-1) as readonly [string, bigint])
  const thousandths = (size * 1000n) / factor
  const fraction = String(thousandths % 1000n)
    .padStart(3, '0')
    .replace(/0+$/, '')
  return `${value < 0n ? '-' : ''}${thousandths / 1000n}${fraction === '' ? '' : `.${fraction}`}${unit}`
}

const shown = (text: string): string =>
  JSON.stringify(text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text)
