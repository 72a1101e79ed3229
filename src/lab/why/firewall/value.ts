// Values of packets, and whether they are among those of a rule. Where that cannot be known, the answer is null.
import { isIP } from 'node:net'
import type { Json } from './ruleset.js'
import { membersOf } from './ruleset.js'

/** A number between two bounds, both included, or a name. `absent`: the packet has no such field, so that no condition on it holds. */
export type Value = { low: bigint; high: bigint } | { name: string } | 'absent' | 'unknown'

export const numberValue = (value: bigint | number): Value => ({ low: BigInt(value), high: BigInt(value) })

export const nameValue = (name: string): Value => ({ name })

export const addressValue = (address: string): Value => numberValue(addressNumber(address) ?? 0n)

/** @returns null for what is no address */
export function addressNumber(address: string): bigint | null {
  switch (isIP(address)) {
    case 4:
      return address.split('.').reduce((sum, each) => (sum << 8n) | BigInt(each), 0n)
    case 6:
      return groupsOf(address).reduce((sum, each) => (sum << 16n) | BigInt(`0x${each}`), 0n)
    default:
      return null
  }
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): string[] {
  const [, head = address, dotted] = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address) ?? []
  const tail = dotted === undefined ? '' : (addressNumber(dotted) ?? 0n).toString(16).padStart(8, '0')
  const whole = dotted === undefined ? address : `${head}${tail.slice(0, 4)}:${tail.slice(4)}`
  const [before = '', after] = whole.split('::')
  const first = before.split(':').filter((each) => each !== '')
  const last = (after ?? '').split(':').filter((each) => each !== '')
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => '0'), ...last]
}

const NUMBERS: Readonly<Record<string, number>> = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32 }

/** TCP flags as the number that they are in the header (RFC 9293, section 3.1). */
export const flagsNumber = (flags: readonly string[]): bigint =>
  flags.reduce((sum, each) => sum | BigInt(NUMBERS[each] ?? 0), 0n)

/** The number that an expression stands for: a number, an address, or flags. null for anything else. */
export function numberOf(json: Json): bigint | null {
  if (typeof json === 'number') return BigInt(json)
  if (Array.isArray(json)) {
    return json.every((each) => typeof each === 'string' && each in NUMBERS) ? flagsNumber(json.map(String)) : null
  }
  if (typeof json !== 'string') return null
  return json in NUMBERS
    ? BigInt(NUMBERS[json] ?? 0)
    : /^\d+$|^0x[0-9a-f]+$/.test(json)
      ? BigInt(json)
      : addressNumber(json)
}

/** Whether a value is the one, or in the range, of an element of a set. */
export function isAmong(value: Value, element: Json): boolean | null {
  if (value === 'absent') return false
  if (element === '*') return true
  if (value === 'unknown') return null
  const { prefix, range, elem } = membersOf(element)
  if (elem !== undefined) return isAmong(value, membersOf(elem).val ?? null)
  if ('name' in value) return isNamed(value.name, element)
  const bounds =
    prefix !== undefined ? prefixBounds(prefix) : Array.isArray(range) ? range.map(numberOf) : [numberOf(element)]
  const [low = null, high = low] = bounds
  if (low === null || high === null) return null
  if (value.low >= low && value.high <= high) return true
  return value.high < low || value.low > high ? false : null
}

function isNamed(name: string, element: Json): boolean | null {
  if (typeof element !== 'string') return null
  return element.endsWith('*') ? name.startsWith(element.slice(0, -1)) : name === element
}

function prefixBounds(prefix: Json): (bigint | null)[] {
  const { addr, len } = membersOf(prefix)
  const text = String(addr)
  const first = addressNumber(text)
  if (first === null) return [null]
  const free = BigInt((isIP(text) === 4 ? 32 : 128) - Number(len))
  const low = (first >> free) << free
  return [low, low + (1n << free) - 1n]
}
