// Messages, attributes and nests in a buffer that is never overrun.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Attributes, textOf, u32Of } from '../../../../../src/kernel/netlink/rtnl/reader.js'
import { MessageWriter, WriterFull } from '../../../../../src/kernel/netlink/rtnl/writer.js'

const NLA_F_NESTED = 0x8000

test('values are padded with zeros to four bytes, and the length does not count the padding', () => {
  const writer = new MessageWriter(Buffer.alloc(64, 0xee))
  writer.u8(1, 0xaa)
  writer.u16(2, 0x1234)
  writer.text(3, 'eth0')
  expect(writer.buffer.toString('hex', 0, writer.length)).toBe(
    '05000100aa000000060002003412000009000300657468300000' + '0000',
  )
})

test('a nest is as long as what is in it, and flagged when asked for', () => {
  const writer = new MessageWriter(Buffer.alloc(64, 0xee))
  const nest = writer.nest(7, true)
  writer.u32(1, 5)
  writer.endNest(nest)
  expect(writer.buffer.readUInt16LE(0)).toBe(12)
  expect(writer.buffer.readUInt16LE(2)).toBe(7 | NLA_F_NESTED)
})

test('what is written is read back, with other attributes around it', () => {
  const values = fc.array(fc.tuple(fc.integer({ min: 1, max: 200 }), fc.uint8Array({ maxLength: 40 })), {
    maxLength: 40,
  })
  fc.assert(
    fc.property(values, (attributes) => {
      const writer = new MessageWriter(Buffer.alloc(4096))
      for (const [type, value] of attributes) writer.bytes(type, value)
      const read = new Attributes(writer.buffer.subarray(0, writer.length))
      for (const [type] of attributes) {
        const expected = attributes.filter(([each]) => each === type).map(([, value]) => Buffer.from(value))
        expect(read.all(type)).toEqual(expected)
        expect(read.get(type)).toEqual(expected[0])
      }
      expect(read.get(201)).toBeUndefined()
    }),
  )
})

test('a full buffer is an error before anything is written behind it', () => {
  const buffer = Buffer.alloc(24, 0xee)
  const writer = new MessageWriter(buffer.subarray(0, 20))
  writer.begin(16, 0, 1)
  expect(() => writer.u32(1, 1)).toThrow(WriterFull)
  expect(buffer.readUInt32LE(20)).toBe(0xeeeeeeee)
})

test('a value too long for a 16-bit length is an error', () => {
  const writer = new MessageWriter(Buffer.alloc(80_000))
  expect(() => writer.bytes(1, new Uint8Array(70_000))).toThrow(RangeError)
})

test('bytes that are no attributes are not read beyond their end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(8), (noise, type) => {
      for (const value of new Attributes(Buffer.from(noise)).all(type)) {
        expect(value.length).toBeLessThanOrEqual(noise.length - 4)
      }
    }),
  )
})

test('short and missing values are null', () => {
  expect(u32Of(Buffer.from([1, 2]))).toBeNull()
  expect(u32Of(undefined)).toBeNull()
  expect(textOf(undefined)).toBeNull()
  expect(textOf(Buffer.from('veth'))).toBe('veth')
  expect(textOf(Buffer.from('eth0\0\0'))).toBe('eth0')
})
