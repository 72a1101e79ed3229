// IP prefixes as numbers: parses, formats and compares them. Addresses are bigints, so that the arithmetic is the same for both
// families.

import ipaddr from 'ipaddr.js'
import type { Family } from '../../model/family.js'

export interface Prefix {
  family: Family
  /** The address as written. */
  address: bigint
  length: number
  /** The address with its host bits cleared. */
  network: bigint
  /** Canonical text of the network, `PREFIX/LENGTH`. */
  networkText: string
}

/** The length of an address in bits. */
export const bitsOf = (family: Family): number => (family === 4 ? 32 : 128)

/** Reads `ADDRESS/LENGTH`, or `ADDRESS` as a prefix of full length; null for any other text. */
export function parsePrefix(text: string): Prefix | null {
  const [addressText = '', lengthText, ...rest] = text.split('/')
  if (rest.length > 0) return null
  const parsed = parseAddress(addressText)
  if (parsed === null) return null
  const { family, address } = parsed
  if (lengthText !== undefined && !/^(?:0|[1-9][0-9]{0,2})$/.test(lengthText)) return null
  const length = lengthText === undefined ? bitsOf(family) : Number(lengthText)
  return length > bitsOf(family) ? null : makePrefix(family, address, length)
}

export function makePrefix(family: Family, address: bigint, length: number): Prefix {
  const hostBits = BigInt(bitsOf(family) - length)
  const network = (address >> hostBits) << hostBits
  return { family, address, length, network, networkText: `${formatAddress(family, network)}/${length}` }
}

function parseAddress(text: string): { family: Family; address: bigint } | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return { family: 4, address: toNumber(ipaddr.IPv4.parse(text)) }
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return null
  // ipaddr.js accepts octal and hexadecimal digits in the IPv4 part of an IPv6 address.
  const end = text.slice(text.lastIndexOf(':') + 1)
  if (end.includes('.') && !ipaddr.IPv4.isValidFourPartDecimal(end)) return null
  return { family: 6, address: toNumber(ipaddr.IPv6.parse(text)) }
}

const toNumber = (address: ipaddr.IPv4 | ipaddr.IPv6): bigint =>
  address.toByteArray().reduce((number, byte) => (number << 8n) | BigInt(byte), 0n)

/** Canonical text of an address: dotted decimal, or RFC 5952. */
export function formatAddress(family: Family, address: bigint): string {
  if (family === 4) {
    const number = Number(address)
    return `${number >>> 24}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`
  }
  const parts = Array.from({ length: 8 }, (_, index) => Number((address >> BigInt(112 - 16 * index)) & 0xffffn))
  return new ipaddr.IPv6(parts).toRFC5952String()
}

/** The number of addresses in a prefix. */
export const sizeOf = ({ family, length }: Prefix): bigint => 1n << BigInt(bitsOf(family) - length)

/** Whether a prefix contains an address. */
export const contains = (prefix: Prefix, family: Family, address: bigint): boolean =>
  prefix.family === family && address >= prefix.network && address < prefix.network + sizeOf(prefix)

/** Whether an address is the broadcast address of an IPv4 network, its last one. */
export const isBroadcast = (network: Prefix, { family, address }: Prefix): boolean =>
  family === 4 &&
  contains(network, 4, address) &&
  network.length < 31 &&
  address === network.network + sizeOf(network) - 1n

export const overlaps = (a: Prefix, b: Prefix): boolean =>
  contains(a, b.family, b.network) || contains(b, a.family, a.network)

/** What an address is reserved for, in words; null if an interface can have it. */
export function specialUse(family: Family, address: bigint): string | null {
  if (family === 4) {
    if (address >> 24n === 0n) return 'in 0.0.0.0/8, "this network"'
    if (address >> 24n === 127n) return 'in 127.0.0.0/8, the loopback network'
    if (address >> 28n === 14n) return 'a multicast address'
    return address >> 28n === 15n ? 'in 240.0.0.0/4, which is reserved' : null
  }
  if (address === 0n) return 'the unspecified address'
  if (address === 1n) return 'the loopback address'
  if (address >> 120n === 0xffn) return 'a multicast address'
  return address >> 32n === 0xffffn ? 'an IPv4 address in IPv6 form' : null
}

/** Whether an address is in fe80::/10, and so valid only on its link. */
export const isLinkLocal = (family: Family, address: bigint): boolean => family === 6 && address >> 118n === 0x3fan
