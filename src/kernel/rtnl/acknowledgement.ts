// Acknowledgements: NLMSG_ERROR with struct nlmsgerr (netlink(7)), and the extended ones' text (NLMSGERR_ATTR_MSG).
import { NLM_F_ACK_TLVS, NLM_F_CAPPED, NLMSGERR_ATTR_MSG } from './constants.js'
import { readAttributes, textOf } from './reader.js'
import { align } from './writer.js'

/** error, and the header of the request it is about */
const NLMSGERR_LENGTH = 4 + 16

export interface Refusal {
  /** Which request of the batch, from 0. */
  index: number
  /** Positive. */
  errno: number
  /** The kernel's own text, when it gave one. */
  extack: string | undefined
}

/** Counts the acknowledgements of a batch of requests with consecutive sequence numbers; keeps the first refusal. */
export class Acknowledgements {
  failure: Refusal | null = null
  private left: number

  constructor(
    private readonly first: number,
    count: number,
  ) {
    this.left = count
  }

  get complete(): boolean {
    return this.left === 0
  }

  /** Takes one in; false when it does not belong to the batch. */
  take(flags: number, sequence: number, payload: Buffer): boolean {
    const index = (sequence - this.first) >>> 0
    if (this.left === 0 || payload.length < NLMSGERR_LENGTH) return false
    this.left--
    const errno = -payload.readInt32LE(0)
    if (errno > 0 && !this.failure) this.failure = { index, errno, extack: textIn(flags, payload) }
    return true
  }
}

function textIn(flags: number, payload: Buffer): string | undefined {
  if (!(flags & NLM_F_ACK_TLVS)) return undefined
  // Unless capped, the whole request is quoted before the attributes.
  const quoted = flags & NLM_F_CAPPED ? 16 : payload.readUInt32LE(4)
  return textOf(readAttributes(payload, 4 + align(quoted)).get(NLMSGERR_ATTR_MSG)) ?? undefined
}
