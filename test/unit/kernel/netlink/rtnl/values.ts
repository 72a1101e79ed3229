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
export const prefix4 = fc.tuple(ipv4, fc.integer({ min: 1, max: 32 })).map((parts) => parts.join('/'))
export const prefix6 = fc.tuple(ipv6, fc.integer({ min: 1, max: 128 })).map((parts) => parts.join('/'))

/** Explicitly undefined where it is not there. */
export const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined })
