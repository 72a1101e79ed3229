// Values that fit into attributes, for property tests.
import fc from 'fast-check'
import { addressText } from '../../../../../src/kernel/netlink/rtnl/ip.js'

const upTo = (max: number) => fc.integer({ min: 0, max })

export const u8 = upTo(0xff)
export const u16 = upTo(0xffff)
export const u32 = upTo(0xffff_ffff)
export const index = fc.integer({ min: 1, max: 0x7fff_ffff })

const address = (length: number) =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .filter((bytes) => bytes.some((byte) => byte !== 0))
    .map(addressText)

export const ipv4 = address(4)
export const ipv6 = address(16)
/** `ADDRESS/LENGTH`; the bits behind the length count as well. */
const prefix = (address: fc.Arbitrary<string>, bits: number) =>
  fc.tuple(address, fc.integer({ min: 1, max: bits })).map((parts) => parts.join('/'))

export const FAMILIES = [
  { family: 4, bits: 32, address: ipv4, prefix: prefix(ipv4, 32), all: '0.0.0.0/0' },
  { family: 6, bits: 128, address: ipv6, prefix: prefix(ipv6, 128), all: '::/0' },
] as const

/** Explicitly undefined where it is not there. */
export const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined })
