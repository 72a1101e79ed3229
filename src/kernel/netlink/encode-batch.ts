// Encodes a batch of netlink requests into one datagram. It sends nothing.
import type { Request, Series } from './rtnl/request.js'
import { MessageWriter, WriterFull } from './rtnl/writer.js'

/** Where a list of requests goes on: in the one with this index, at this place in it. */
export interface Position {
  index: number
  /** 0, or that of a request of a series. */
  place: number
}

/** How many messages the datagram holds, its bytes, which lie in the buffer that the caller passed, and what comes next. */
export interface Batch {
  count: number
  bytes: Buffer
  next: Position
}

/**
 * Writes requests, each with the next sequence number, until the buffer is full or `limit` is reached. Only the last asks for
 * an acknowledgement; see `Replies`.
 *
 * @param buffer room for one datagram, overwritten
 * @param requests of which those before `from` are skipped
 * @param limit largest number of messages in the datagram
 * @param firstSequence sequence number of the first message; they count modulo 2³²
 * @throws WriterFull when not even the first request fits.
 */
export function encodeBatch(
  buffer: Buffer,
  requests: readonly (Request | Series)[],
  from: Position,
  limit: number,
  firstSequence: number,
): Batch {
  const writer = new MessageWriter(buffer)
  let { index, place } = from
  let count = 0
  while (index < requests.length && count < limit) {
    const each = requests[index] as Request | Series
    const sequence = (firstSequence + count) >>> 0
    const isSeries = 'count' in each
    const written = isSeries ? each.write(writer, place, limit - count, sequence) : writeOne(writer, each, sequence)
    count += written
    place += written
    if (place < (isSeries ? each.count : 1)) break
    index++
    place = 0
  }
  if (count === 0) throw new WriterFull()
  writer.acknowledge()
  return { count, bytes: buffer.subarray(0, writer.length), next: { index, place } }
}

/** @returns the number of messages written: none when the writer is full */
function writeOne(writer: MessageWriter, request: Request, sequence: number): 0 | 1 {
  const start = writer.length
  try {
    writer.begin(request.type, request.flags, sequence)
    request.encode(writer)
    writer.end(start)
    return 1
  } catch (error) {
    if (!(error instanceof WriterFull)) throw error
    writer.length = start
    return 0
  }
}

/** The request of a message in a datagram that begins at `from`. */
export function requestOf(requests: readonly (Request | Series)[], from: Position, message: number): Request {
  let place = from.place + message
  for (const each of requests.slice(from.index)) {
    const count = 'count' in each ? each.count : 1
    if (place < count) return 'count' in each ? each.at(place) : each
    place -= count
  }
  throw new RangeError(`there is no request for message ${message}`)
}
