// IP and MAC addresses between text and bytes. IPv6 text is RFC 5952's.
import { AF_INET, AF_INET6 } from './constants.js'

/** 4 or 16 bytes. @throws RangeError when it is not an address; callers give checked text. */
export function addressBytes(text: string): Uint8Array {
  return text.includes(':') ? ipv6Bytes(text) : ipv4Bytes(text)
}

export const familyOf = (text: string): number => (text.includes(':') ? AF_INET6 : AF_INET)

/** `ADDRESS/LENGTH` as bytes and a length. */
export function prefixBytes(text: string): { bytes: Uint8Array; length: number } {
  const slash = text.indexOf('/')
  const bytes = addressBytes(slash < 0 ? text : text.slice(0, slash))
  return { bytes, length: slash < 0 ? bytes.length * 8 : Number(text.slice(slash + 1)) }
}

function ipv4Bytes(text: string): Uint8Array {
  const parts = text.split('.')
  if (parts.length !== 4) throw new RangeError(`${text} is not an IPv4 address`)
  return Uint8Array.from(parts, Number)
}

function ipv6Bytes(text: string): Uint8Array {
  const [head = '', tail] = text.split('::')
  const before = groupsOf(head)
  const after = tail === undefined ? [] : groupsOf(tail)
  const missing = 8 - before.length - after.length
  if (missing < 0 || (tail === undefined && missing !== 0)) throw new RangeError(`${text} is not an IPv6 address`)
  const bytes = new Uint8Array(16)
  for (const [index, group] of before.entries()) writeGroup(bytes, index, group)
  for (const [index, group] of after.entries()) writeGroup(bytes, before.length + missing + index, group)
  return bytes
}

/** Groups of 16 bits; the last two may be written as an IPv4 address. */
function groupsOf(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = ipv4Bytes(group)
    return [(a << 8) | b, (c << 8) | d]
  })
}

function writeGroup(bytes: Uint8Array, index: number, group: number): void {
  bytes[2 * index] = group >> 8
  bytes[2 * index + 1] = group & 0xff
}

/** Text of 4 or 16 bytes. */
export function addressText(bytes: Uint8Array): string {
  return bytes.length === 4 ? bytes.join('.') : ipv6Text(bytes)
}

function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  )
  // RFC 5952 section 5: an IPv4-mapped address ends in IPv4 text.
  if (bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff) {
    return `::ffff:${bytes.subarray(12).join('.')}`
  }
  const { start, length } = longestZeroRun(groups)
  if (length < 2) return groups.join(':')
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`
}

function longestZeroRun(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  for (let start = 0; start < groups.length; start++) {
    let length = 0
    while (groups[start + length] === '0') length++
    if (length > best.length) best = { start, length }
  }
  return best
}

export const macBytes = (text: string): Uint8Array =>
  Uint8Array.from(text.split(':'), (pair) => Number.parseInt(pair, 16))

export const macText = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':')
