// Reads attributes (struct rtattr, rtnetlink(7)) out of a netlink message's payload.
import { NLA_TYPE_MASK } from './constants.js'
import { align } from './writer.js'

const ATTRIBUTE_HEADER_LENGTH = 4

/** Attributes between an offset and the end of some bytes. Only what is asked for is cut out: a link has fifty. */
export class Attributes {
  constructor(
    private readonly bytes: Buffer,
    private readonly offset = 0,
  ) {}

  /** Value of the first attribute of a type, a view. */
  get(type: number): Buffer | undefined {
    const at = this.find(type, this.offset)
    return at < 0 ? undefined : this.valueAt(at)
  }

  /** Values of all attributes of a type, in order. */
  all(type: number): Buffer[] {
    const values: Buffer[] = []
    for (let at = this.find(type, this.offset); at >= 0; at = this.find(type, this.after(at))) {
      values.push(this.valueAt(at))
    }
    return values
  }

  /** Where the first attribute of a type is, from `start` on; -1 without. Stops at what is cut off. */
  private find(type: number, start: number): number {
    const { bytes } = this
    for (let at = start; at + ATTRIBUTE_HEADER_LENGTH <= bytes.length; at = this.after(at)) {
      const length = this.u16(at)
      if (length < ATTRIBUTE_HEADER_LENGTH || at + length > bytes.length) return -1
      if ((this.u16(at + 2) & NLA_TYPE_MASK) === type) return at
    }
    return -1
  }

  private after(at: number): number {
    return at + align(this.u16(at))
  }

  private valueAt(at: number): Buffer {
    return this.bytes.subarray(at + ATTRIBUTE_HEADER_LENGTH, at + this.u16(at))
  }

  /** Buffer's own method checks what `find` has checked. */
  private u16(at: number): number {
    return (this.bytes[at] as number) | ((this.bytes[at + 1] as number) << 8)
  }
}

export const u32Of = (value: Buffer | undefined): number | null =>
  value && value.length >= 4 ? value.readUInt32LE(0) : null

/** A string, with or without the NUL behind it. */
export function textOf(value: Buffer | undefined): string | null {
  if (!value) return null
  const end = value.indexOf(0)
  return value.toString('utf8', 0, end < 0 ? value.length : end)
}
