// What the kernel answers to a batch of requests: acknowledgements and refusals (NLMSG_ERROR with struct nlmsgerr), the
// parts and the end of a dump. Told apart by sequence number (netlink(7)). Pure: no socket, no waiting.
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
/** nlmsgerr.error, and the length of the integer that ends a dump. */
const ERRNO_LENGTH = 4

export interface Refusal {
  /** Which request of the batch, from 0. */
  index: number
  /** Positive. */
  errno: number
  /** The kernel's own text, when it gave one. */
  extack: string | undefined
}

/**
 * Answers to requests with consecutive sequence numbers of which the last asks for an acknowledgement or is a dump. The
 * kernel carries requests of one datagram out in order and always reports a refusal, so the answer to the last one
 * means that all are done.
 */
export class Replies {
  /** Bodies of the messages the kernel sent, without acknowledgements; views of the datagrams. */
  readonly payloads: Buffer[] = []
  /** The first refusal. */
  refusal: Refusal | null = null
  /** What a dump lists changed while it was read (NLM_F_DUMP_INTR): read it again. */
  interrupted = false
  /** Nothing more will come. */
  complete = false

  /** @param first sequence number of the first request */
  constructor(
    private readonly first: number,
    private readonly count: number,
  ) {}

  /** Takes a datagram in. Messages that answer other requests are ignored. */
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
      if (errno > 0) this.refusal ??= { index, errno, extack: extackOf(type, flags, payload) }
      if (index === this.count - 1) this.complete = true
    } else if (type >= NLMSG_MIN_TYPE) {
      this.payloads.push(payload)
    }
  }
}

/** The text behind an errno (NLMSGERR_ATTR_MSG, linux/netlink.h). */
function extackOf(type: number, flags: number, payload: Buffer): string | undefined {
  if (!(flags & NLM_F_ACK_TLVS)) return undefined
  return (
    textOf(new Attributes(payload, ERRNO_LENGTH + quotedLength(type, flags, payload)).get(NLMSGERR_ATTR_MSG)) ??
    undefined
  )
}

/** A refusal quotes the request's header and, unless capped, all of the request. The end of a dump quotes nothing. */
function quotedLength(type: number, flags: number, payload: Buffer): number {
  if (type === NLMSG_DONE) return 0
  if (flags & NLM_F_CAPPED || payload.length < ERRNO_LENGTH + HEADER_LENGTH) return HEADER_LENGTH
  return align(payload.readUInt32LE(ERRNO_LENGTH))
}
