// Collects the kernel's answers to a batch of requests: acknowledgements and refusals (NLMSG_ERROR with struct nlmsgerr),
// the parts and the end of a dump. Sequence numbers assign them to requests (netlink(7)). Pure: no socket, no waiting.
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
export class Replies {
  /** Bodies of the kernel's messages except acknowledgements, as views of the datagrams. */
  readonly payloads: Buffer[] = []
  /** In the order of the requests. */
  readonly refusals: Refusal[] = []
  /** The objects of a dump changed while the kernel listed them (NLM_F_DUMP_INTR), so it must be asked again. */
  interrupted = false
  /** The last request has been answered. */
  complete = false

  /** @param first sequence number of the first request */
  constructor(
    private readonly first: number,
    private readonly count: number,
  ) {}

  /** The first refusal. */
  get refusal(): Refusal | null {
    return this.refusals[0] ?? null
  }

  /** Takes the messages of a datagram that answer these requests; ignores others. */
  takeDatagram(bytes: Buffer): void {
    for (let at = 0; at + HEADER_LENGTH <= bytes.length; ) {
      const length = bytes.readUInt32LE(at)
      if (length < HEADER_LENGTH || at + length > bytes.length) return
      this.take(
        bytes.readUInt16LE(at + 4),
        bytes.readUInt16LE(at + 6),
        bytes.readUInt32LE(at + 8),
        bytes.subarray(at + HEADER_LENGTH, at + length),
      )
      at += align(length)
    }
  }

  private take(type: number, flags: number, sequence: number, payload: Buffer): void {
    const index = (sequence - this.first) >>> 0
    if (index >= this.count) return
    if (flags & NLM_F_DUMP_INTR) this.interrupted = true
    if (type === NLMSG_ERROR || type === NLMSG_DONE) {
      const errno = payload.length < ERRNO_LENGTH ? 0 : -payload.readInt32LE(0)
      if (errno > 0) this.refusals.push({ index, errno, extack: extackOf(type, flags, payload) })
      if (index === this.count - 1) this.complete = true
    } else if (type >= NLMSG_MIN_TYPE) {
      this.payloads.push(payload)
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
