// Reads the kernel's answers to a batch of requests: acknowledgements and refusals (NLMSG_ERROR with struct nlmsgerr), the parts and
// the end of a dump. Sequence numbers assign them to requests (netlink(7)). Pure: no socket, no waiting.
import {
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_MIN_TYPE,
  NLMSGERR_ATTR_MSG,
} from './constants.js'
import { Attributes, textOf } from './reader.js'
import { align } from './writer.js'

const HEADER_LENGTH = 16
/** Length of nlmsgerr.error, and of the error number that ends a dump. */
const ERRNO_LENGTH = 4

export interface Refusal {
  /** Index of the request in the batch, from 0. */
  index: number
  /** Positive. */
  errno: number
  /** The kernel's own text, where it sent one. */
  extack: string | undefined
}

/**
 * The answers to requests with consecutive sequence numbers. Only the last request asks for an acknowledgement, or is a
 * dump: the kernel carries out the requests of a datagram in order and always reports a refusal, so its answer to the last
 * one means that all are done.
 */
export class Answers {
  /** In the order of the requests. */
  readonly refusals: Refusal[] = []
  /** The objects of a dump changed while the kernel listed them (NLM_F_DUMP_INTR), so it must be asked again. */
  interrupted = false
  /** The last request has been answered. */
  complete = false

  /**
   * @param first sequence number of the first request
   * @param take gets the body of each message that is no acknowledgement, and which request it answers
   */
  constructor(
    private readonly first: number,
    readonly count: number,
    private readonly take: (payload: Buffer, index: number) => void,
  ) {}

  /** Takes the messages in the first `length` bytes that answer these requests; ignores others. */
  takeDatagram(bytes: Buffer, length = bytes.length): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, length)
    for (let at = 0; at + HEADER_LENGTH <= length; ) {
      const size = view.getUint32(at, true)
      if (size < HEADER_LENGTH || at + size > length) return
      const index = (view.getUint32(at + 8, true) - this.first) >>> 0
      if (index < this.count) {
        const flags = view.getUint16(at + 6, true)
        this.message(view.getUint16(at + 4, true), flags, index, bytes.subarray(at + HEADER_LENGTH, at + size))
      }
      at += align(size)
    }
  }

  private message(type: number, flags: number, index: number, payload: Buffer): void {
    if (flags & NLM_F_DUMP_INTR) this.interrupted = true
    if (type === NLMSG_ERROR || type === NLMSG_DONE) {
      const errno = payload.length < ERRNO_LENGTH ? 0 : -payload.readInt32LE(0)
      if (errno > 0) this.refusals.push({ index, errno, extack: extackOf(type, flags, payload) })
      if (index === this.count - 1) this.complete = true
    } else if (type >= NLMSG_MIN_TYPE) {
      this.take(payload, index)
    }
  }
}

/** The kernel's text about an error (NLMSGERR_ATTR_MSG, linux/netlink.h). */
function extackOf(type: number, flags: number, payload: Buffer): string | undefined {
  if (!(flags & NLM_F_ACK_TLVS)) return undefined
  return (
    textOf(new Attributes(payload, ERRNO_LENGTH + quotedLength(type, flags, payload)).get(NLMSGERR_ATTR_MSG)) ??
    undefined
  )
}

/** Length of the quoted request: the header of a capped refusal, the whole request of another one, none of a dump's end. */
function quotedLength(type: number, flags: number, payload: Buffer): number {
  if (type === NLMSG_DONE) return 0
  if (flags & NLM_F_CAPPED || payload.length < ERRNO_LENGTH + HEADER_LENGTH) return HEADER_LENGTH
  return align(payload.readUInt32LE(ERRNO_LENGTH))
}
