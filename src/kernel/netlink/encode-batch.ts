// Encodes a batch of netlink requests into one datagram. It sends nothing.
import type { Request } from './rtnl/request.js'
import { MessageWriter, WriterFull } from './rtnl/writer.js'

/** How many requests the datagram holds, and its bytes, which lie in the buffer that the caller passed. */
export interface Batch {
  count: number
  bytes: Buffer
}

/**
 * Writes requests, each with the next sequence number, until the buffer is full or `limit` is reached. Only the last asks for
 * an acknowledgement; see `Replies`.
 *
 * @param buffer room for one datagram, overwritten
 * @param requests of which those before index `from` are skipped
 * @param limit largest number of requests in the datagram
 * @param firstSequence sequence number of the first request; they count modulo 2³²
 * @throws WriterFull when not even the first request fits.
 */
export function encodeBatch(
  buffer: Buffer,
  requests: readonly Request[],
  from: number,
  limit: number,
  firstSequence: number,
): Batch {
  const writer = new MessageWriter(buffer)
  let last = 0
  let count = 0
  for (let at = from; at < requests.length && count < limit; at++, count++) {
    const start = writer.length
    try {
      const request = requests[at] as Request
      writer.begin(request.type, request.flags, (firstSequence + count) >>> 0)
      request.encode(writer)
      writer.end(start)
    } catch (error) {
      if (!(error instanceof WriterFull) || count === 0) throw error
      writer.length = start
      break
    }
    last = start
  }
  writer.acknowledge(last)
  return { count, bytes: buffer.subarray(0, writer.length) }
}
