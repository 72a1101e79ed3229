// Numbers of bytes in the units of tc(8), such as `64kb`. Their prefixes are powers of 1,024, as they are there.
import { parseQuantity, type Quantity, quantityText } from './quantity.js'

const KB = 1024n
const MB = KB * KB
const GB = KB * MB

const UNITS = {
  ...{ b: 1n, k: KB, kb: KB, m: MB, mb: MB, g: GB, gb: GB },
  ...{ kbit: KB / 8n, mbit: MB / 8n, gbit: GB / 8n },
}

const SIZE: Quantity = {
  noun: 'a size',
  examples: '1600b, 32kb or 1mb',
  units: UNITS,
  base: 'bytes',
  least: 1n,
  most: GB,
  range: '1b to 1gb',
}

const OVERHEAD: Quantity = {
  ...SIZE,
  noun: 'an overhead',
  examples: '18b or -4b',
  least: -1500n,
  most: 1500n,
  range: '-1500b to 1500b',
}

/** Bytes, or a text that describes the fault. */
export const parseSize = (text: string): number | string => toNumber(parseQuantity(text, SIZE))

/** Bytes that are added to each frame, or a text that describes the fault. */
export const parseOverhead = (text: string): number | string => toNumber(parseQuantity(text, OVERHEAD))

const WRITTEN = [
  ['mb', MB],
  ['kb', KB],
  ['b', 1n],
] as const

export const sizeText = (bytes: number): string =>
  quantityText(BigInt(bytes), bytes % 1024 === 0 ? WRITTEN : [['b', 1n]])

const toNumber = (value: bigint | string): number | string => (typeof value === 'string' ? value : Number(value))
