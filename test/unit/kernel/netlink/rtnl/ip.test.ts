// Addresses between text and bytes, with ipaddr.js as the second opinion.
import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { describe, expect, test } from 'vitest'
import { addressBytes, addressText, macBytes, macText, prefixBytes } from '../../../../../src/kernel/netlink/rtnl/ip.js'

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
/** Many zero groups, since what to do with them is the difficulty. */
const ipv6 = fc
  .array(fc.oneof(fc.constant(0), fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })
  .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff])))
const isMapped = (bytes: Uint8Array): boolean => ipaddr.fromByteArray([...bytes]).range() === 'ipv4Mapped'

describe('IPv4', () => {
  test('reads and writes what ipaddr.js does', () => {
    fc.assert(
      fc.property(bytesOf(4), (bytes) => {
        const text = ipaddr.fromByteArray([...bytes]).toString()
        expect(addressText(bytes)).toBe(text)
        expect(addressBytes(text)).toEqual(bytes)
      }),
    )
  })

  test.each(['', '1.2.3', '1.2.3.4.5', '1.2.3.256', '1.2.3.', '.1.2.3', '01.2.3.4', '1.2.3.4 ', '1..2.3', '0x1.2.3.4'])(
    'refuses %j',
    (text) => {
      expect(() => addressBytes(text)).toThrow(RangeError)
    },
  )
})

describe('IPv6', () => {
  test('writes what ipaddr.js does', () => {
    fc.assert(
      fc.property(ipv6, (bytes) => {
        fc.pre(!isMapped(bytes))
        expect(addressText(bytes)).toBe((ipaddr.fromByteArray([...bytes]) as ipaddr.IPv6).toRFC5952String())
      }),
    )
  })

  test('reads every way of writing an address', () => {
    fc.assert(
      fc.property(ipv6, (bytes) => {
        const address = ipaddr.fromByteArray([...bytes]) as ipaddr.IPv6
        const tail = bytes.subarray(12).join('.')
        const head = address.parts.slice(0, 6).map((part) => part.toString(16))
        const writings = [
          address.toString(),
          address.toNormalizedString(),
          address.toRFC5952String().toUpperCase(),
          `${head.join(':')}:${tail}`,
        ]
        for (const text of writings) expect(addressBytes(text)).toEqual(bytes)
      }),
    )
  })

  test('reads whatever Node.js takes for an address, and refuses the rest', () => {
    const pieces = fc.array(fc.constantFrom(':', '::', '0', '1', 'ab', 'ffff', '10000', 'g', '1.2.3.4', '.'), {
      maxLength: 17,
    })
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = `:${parts.join('')}`.slice(parts.length % 2)
        fc.pre(text.includes(':'))
        if (isIPv6(text)) expect(addressBytes(text)).toHaveLength(16)
        else expect(() => addressBytes(text)).toThrow(RangeError)
      }),
      { numRuns: 5000 },
    )
  })

  test.each([
    ['::', '::'],
    ['1::', '1::'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
  ])('%s is written %s (RFC 5952)', (text, canonical) => {
    expect(addressText(addressBytes(text))).toBe(canonical)
  })

  test.each([
    ':',
    ':::',
    '1:',
    ':1',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    '::1%eth0',
    '::1.2.3',
  ])('refuses %j', (text) => {
    expect(() => addressBytes(text)).toThrow(RangeError)
  })
})

describe('prefixes', () => {
  test('a length is read, or is all bits', () => {
    expect(prefixBytes('10.0.0.0/8')).toEqual({ bytes: Uint8Array.of(10, 0, 0, 0), length: 8 })
    expect(prefixBytes('10.0.0.1').length).toBe(32)
    expect(prefixBytes('::/0')).toEqual({ bytes: new Uint8Array(16), length: 0 })
  })

  test.each(['10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/-1', '10.0.0.0/1.5'])(
    'refuses %j',
    (text) => {
      expect(() => prefixBytes(text)).toThrow(RangeError)
    },
  )
})

describe('MAC addresses', () => {
  test('are read as they are written', () => {
    fc.assert(
      fc.property(bytesOf(6), (bytes) => {
        expect(macBytes(macText(bytes))).toEqual(bytes)
      }),
    )
    expect(macText(Uint8Array.of(0, 0x53, 0xff, 0x0a, 1, 0x10))).toBe('00:53:ff:0a:01:10')
  })

  test.each(['', '00:53', '00:53:00:00:00:0g', '00:53:00:00:00:00:00', '0:53:00:00:00:00'])('refuses %j', (text) => {
    expect(() => macBytes(text)).toThrow(RangeError)
  })
})
