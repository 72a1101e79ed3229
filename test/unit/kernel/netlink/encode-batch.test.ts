// Batches of requests in one datagram: how many fit, their sequence numbers, and who asks for an acknowledgement.
import { describe, expect, test } from 'vitest'
import { encodeBatch, requestOf } from '../../../../src/kernel/netlink/encode-batch.js'
import { NLM_F_ACK, NLM_F_REQUEST } from '../../../../src/kernel/netlink/rtnl/constants.js'
import type { Request, Series } from '../../../../src/kernel/netlink/rtnl/request.js'
import { WriterFull } from '../../../../src/kernel/netlink/rtnl/writer.js'

const HEADER_LENGTH = 16
const ATTRIBUTE_LENGTH = 8

const request = (type: number): Request => ({
  ...{ operation: 'ask', target: 'test', type, flags: 0 },
  encode: (writer) => writer.u32(1, type),
})

const REQUESTS = [request(16), request(17), request(18), request(19)]
/** Requests of these types, written as a series. */
const series = (...types: number[]): Series => ({
  count: types.length,
  at: (place) => request(types[place] as number),
  write: (writer, from, limit, sequence) => {
    const encoded = types
      .slice(from, from + limit)
      .map((type) => encodeBatch(Buffer.alloc(LENGTH), [request(type)], BEGINNING, 1, 0).bytes)
    return writer.requests(encoded, sequence, HEADER_LENGTH + 4, 7)
  },
})

const BEGINNING = { index: 0, place: 0 }
const LENGTH = HEADER_LENGTH + ATTRIBUTE_LENGTH

/** Type, flags and sequence number of each message. */
const headersOf = (bytes: Buffer): number[][] =>
  Array.from({ length: bytes.length / LENGTH }, (_, index) => {
    const message = bytes.subarray(index * LENGTH)
    expect(message.readUInt32LE(0)).toBe(LENGTH)
    return [message.readUInt16LE(4), message.readUInt16LE(6), message.readUInt32LE(8)]
  })

/** Type and sequence number of each message. */
const typesOf = (bytes: Buffer) => headersOf(bytes).map(([type, , sequence]) => [type, sequence])

describe('a batch', () => {
  test('ends at the limit; sequence numbers count modulo 2³², and the last request asks for an acknowledgement', () => {
    const { count, bytes, next } = encodeBatch(Buffer.alloc(1024), REQUESTS, { index: 1, place: 0 }, 2, 2 ** 32 - 1)
    expect([count, next]).toEqual([2, { index: 3, place: 0 }])
    expect(headersOf(bytes)).toEqual([
      [17, NLM_F_REQUEST, 2 ** 32 - 1],
      [18, NLM_F_REQUEST | NLM_F_ACK, 0],
    ])
  })

  test('ends before the first request that does not fit into the buffer', () => {
    const { count, bytes } = encodeBatch(Buffer.alloc(2 * LENGTH + HEADER_LENGTH), REQUESTS, BEGINNING, 9, 5)
    expect(count).toBe(2)
    expect(headersOf(bytes)).toEqual([
      [16, NLM_F_REQUEST, 5],
      [17, NLM_F_REQUEST | NLM_F_ACK, 6],
    ])
  })

  test('is refused when not even its first request fits', () => {
    expect(() => encodeBatch(Buffer.alloc(HEADER_LENGTH), REQUESTS, BEGINNING, 9, 1)).toThrow(WriterFull)
  })
})

describe('a series among requests', () => {
  const requests = [request(16), series(17, 18, 19), request(20), series(21)]
  const FLAGS = NLM_F_REQUEST | NLM_F_ACK

  test('goes on in the next datagram where the limit or the buffer ends one', () => {
    const first = encodeBatch(Buffer.alloc(1024), requests, BEGINNING, 3, 2 ** 32 - 2)
    expect([first.count, first.next]).toEqual([3, { index: 1, place: 2 }])
    expect(typesOf(first.bytes)).toEqual([
      [16, 2 ** 32 - 2],
      [17, 2 ** 32 - 1],
      [18, 0],
    ])
    const second = encodeBatch(Buffer.alloc(2 * LENGTH + 4), requests, first.next, 9, 1)
    expect([second.count, second.next]).toEqual([2, { index: 3, place: 0 }])
  })

  test('every message belongs to one request', () => {
    const from = { index: 1, place: 1 }
    const { bytes, next } = encodeBatch(Buffer.alloc(1024), requests, from, 9, 5)
    expect(next).toEqual({ index: 4, place: 0 })
    const types = typesOf(bytes).map(([type]) => type)
    expect(types).toEqual([18, 19, 20, 21])
    expect(types.map((_, message) => requestOf(requests, from, message).type)).toEqual(types)
    expect(bytes.readUInt16LE(bytes.length - LENGTH + 6)).toBe(FLAGS)
  })

  test('has its number in each message', () => {
    const { bytes } = encodeBatch(Buffer.alloc(1024), [series(17, 18)], BEGINNING, 9, 5)
    expect([0, 1].map((at) => bytes.readInt32LE(at * LENGTH + HEADER_LENGTH + 4))).toEqual([7, 7])
  })
})
