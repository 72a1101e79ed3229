// Batches of requests in one datagram: how many fit, their sequence numbers, and who asks for an acknowledgement.
import { describe, expect, test } from 'vitest'
import { encodeBatch } from '../../../../src/kernel/netlink/encode-batch.js'
import { NLM_F_ACK, NLM_F_REQUEST } from '../../../../src/kernel/netlink/rtnl/constants.js'
import type { Request } from '../../../../src/kernel/netlink/rtnl/request.js'
import { WriterFull } from '../../../../src/kernel/netlink/rtnl/writer.js'

const HEADER_LENGTH = 16
const ATTRIBUTE_LENGTH = 8

const request = (type: number): Request => ({
  ...{ operation: 'ask', target: 'test', type, flags: 0 },
  encode: (writer) => writer.u32(1, type),
})

const REQUESTS = [request(16), request(17), request(18), request(19)]
const BEGINNING = { index: 0, place: 0 }
const LENGTH = HEADER_LENGTH + ATTRIBUTE_LENGTH

/** Type, flags and sequence number of each message. */
const headersOf = (bytes: Buffer): number[][] =>
  Array.from({ length: bytes.length / LENGTH }, (_, index) => {
    const message = bytes.subarray(index * LENGTH)
    expect(message.readUInt32LE(0)).toBe(LENGTH)
    return [message.readUInt16LE(4), message.readUInt16LE(6), message.readUInt32LE(8)]
  })

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
