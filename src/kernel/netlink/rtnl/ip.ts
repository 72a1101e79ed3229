// Converts IP and MAC addresses between text and bytes. IPv6 text is canonical (RFC 5952). Written by hand for speed: a lab
// has thousands of addresses.
import { AF_INET, AF_INET6 } from './constants.js'

const COLON = 58
const DOT = 46
const DIGIT_0 = 48
const LETTER_A = 97

/** @returns 4 or 16 bytes. @throws RangeError when the text is not an address. */
export function addressBytes(text: string): Uint8Array {
  if (text.includes(':')) return ipv6Bytes(text)
  const bytes = new Uint8Array(4)
  readIpv4(text, 0, bytes, 0)
  return bytes
}

export const familyOf = (text: string): number => (text.includes(':') ? AF_INET6 : AF_INET)

/** Splits `ADDRESS/LENGTH`; without `/LENGTH`, the length is all bits. @throws RangeError when it is not a prefix. */
export function prefixBytes(text: string): { bytes: Uint8Array; length: number } {
  const slash = text.indexOf('/')
  if (slash < 0) {
    const bytes = addressBytes(text)
    return { bytes, length: bytes.length * 8 }
  }
  const bytes = addressBytes(text.slice(0, slash))
  const length = Number(text.slice(slash + 1))
  if (!/^\d{1,3}$/.test(text.slice(slash + 1)) || length > bytes.length * 8) throw notA('an IP prefix', text)
  return { bytes, length }
}

/** Reads four decimal numbers from `start` to the end of the text (RFC 6943 section 3.1.1, the strict form). */
function readIpv4(text: string, start: number, bytes: Uint8Array, to: number): void {
  let part = 0
  let value = 0
  let digits = 0
  for (let at = start; at <= text.length; at++) {
    const code = at < text.length ? text.charCodeAt(at) : DOT
    if (code === DOT) {
      if (digits === 0 || value > 255 || part === 4) throw notA('an IP address', text)
      bytes[to + part++] = value
      value = 0
      digits = 0
    } else {
      const isDigit = code >= DIGIT_0 && code <= DIGIT_0 + 9
      if (!isDigit || (digits > 0 && value === 0)) throw notA('an IP address', text)
      value = value * 10 + code - DIGIT_0
      digits++
    }
  }
  if (part !== 4) throw notA('an IP address', text)
}

/** RFC 4291 section 2.2: groups of 16 bits, at most one `::` for zeros; the last two groups may be an IPv4 address. */
function ipv6Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(16)
  let to = 0
  let gap = -1
  let at = 0
  if (text.startsWith('::')) {
    gap = 0
    at = 2
  }
  while (at < text.length) {
    const start = at
    let group = 0
    let digit = hexDigit(text.charCodeAt(at))
    for (; digit >= 0; digit = hexDigit(text.charCodeAt(at))) {
      group = (group << 4) | digit
      at++
    }
    if (text.charCodeAt(at) === DOT && to <= 12) {
      readIpv4(text, start, bytes, to)
      to += 4
      break
    }
    if (at === start || at - start > 4 || to === 16) throw notA('an IP address', text)
    bytes[to++] = group >> 8
    bytes[to++] = group & 0xff
    if (at === text.length) break
    if (text.charCodeAt(at) !== COLON || ++at === text.length) throw notA('an IP address', text)
    if (text.charCodeAt(at) === COLON) {
      if (gap >= 0) throw notA('an IP address', text)
      gap = to
      at++
    }
  }
  if (gap < 0 ? to !== 16 : to > 14) throw notA('an IP address', text)
  if (gap >= 0) {
    bytes.copyWithin(16 - (to - gap), gap, to)
    bytes.fill(0, gap, 16 - (to - gap))
  }
  return bytes
}

/** The value of a hexadecimal digit; -1 for another character, and for NaN, which is behind the end of a text. */
function hexDigit(code: number): number {
  if (code >= DIGIT_0 && code <= DIGIT_0 + 9) return code - DIGIT_0
  const letter = code | 0x20
  return letter >= LETTER_A && letter < LETTER_A + 6 ? letter - LETTER_A + 10 : -1
}

/** The text of an address of 4 or 16 bytes. */
export function addressText(bytes: Uint8Array): string {
  return bytes.length === 4 ? bytes.join('.') : ipv6Text(bytes)
}

/** The address in an attribute; undefined without the attribute, and for 0.0.0.0 and ::, which stand for any address. */
export const optionalAddress = (bytes: Uint8Array | undefined): string | undefined =>
  bytes?.some((byte) => byte !== 0) ? addressText(bytes) : undefined

function ipv6Text(bytes: Uint8Array): string {
  const groups: number[] = []
  for (let at = 0; at < 16; at += 2) groups.push(((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0))
  const { start, length } = longestZeroRun(groups)
  // RFC 5952 section 5: an IPv4-mapped address ends in IPv4 text.
  if (start === 0 && length === 5 && groups[5] === 0xffff) return `::ffff:${bytes.subarray(12).join('.')}`
  if (length < 2) return hex(groups, 0, 8)
  return `${hex(groups, 0, start)}::${hex(groups, start + length, 8)}`
}

function hex(groups: readonly number[], start: number, end: number): string {
  let text = ''
  for (let i = start; i < end; i++) text += `${i > start ? ':' : ''}${(groups[i] ?? 0).toString(16)}`
  return text
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  const best = { start: 0, length: 0 }
  let length = 0
  for (let i = 0; i < groups.length; i++) {
    length = groups[i] === 0 ? length + 1 : 0
    if (length > best.length) {
      best.length = length
      best.start = i - length + 1
    }
  }
  return best
}

/** The six bytes of a MAC address such as `00:53:00:00:00:01`. @throws RangeError when it is none. */
export function macBytes(text: string): Uint8Array {
  if (!/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i.test(text)) throw notA('a MAC address', text)
  return Uint8Array.from({ length: 6 }, (_, i) => Number.parseInt(text.slice(3 * i, 3 * i + 2), 16))
}

export function macText(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += `${text && ':'}${byte < 16 ? '0' : ''}${byte.toString(16)}`
  return text
}

const notA = (what: string, text: string): RangeError => new RangeError(`${text} is not ${what}`)
