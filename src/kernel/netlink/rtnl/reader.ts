// Reads attributes (struct rtattr, rtnetlink(7)) out of a netlink message's payload.
import { NLA_TYPE_MASK } from './constants.js'
import { align } from './writer.js'

const ATTRIBUTE_HEADER_LENGTH = 4

/**
 * The attributes from an offset of some bytes to their end. An attribute is looked up when a method asks for it: a link has
 * fifty, and most callers read few of them.
 */
export class Attributes {
  constructor(
    private readonly bytes: Buffer,
    private readonly offset = 0,
  ) {}

  /** The value of the first attribute of a type, as a view of the bytes. */
  get(type: number): Buffer | undefined {
    const at = this.find(type, this.offset)
    return at < 0 ? undefined : this.valueAt(at)
  }

  /** This and the next methods read what MessageWriter's methods of the same names write; 0 without the attribute. */
  u8(type: number): number {
    return this.number(type, 1)?.readUInt8(0) ?? 0
  }

  u16(type: number): number {
    return this.number(type, 2)?.readUInt16LE(0) ?? 0
  }

  u32(type: number): number {
    return this.number(type, 4)?.readUInt32LE(0) ?? 0
  }

  u64(type: number): bigint {
    return this.number(type, 8)?.readBigUInt64LE(0) ?? 0n
  }

  /** All numbers of 32 bits in an attribute; none without it. */
  u32s(type: number): number[] {
    const value = this.get(type)
    return value ? Array.from({ length: value.length >> 2 }, (_, index) => value.readUInt32LE(4 * index)) : []
  }

  /** In network byte order. */
  u16be(type: number): number {
    return this.number(type, 2)?.readUInt16BE(0) ?? 0
  }

  u32be(type: number): number {
    return this.number(type, 4)?.readUInt32BE(0) ?? 0
  }

  /** The values of all attributes of a type, in order. */
  all(type: number): Buffer[] {
    const values: Buffer[] = []
    for (let at = this.find(type, this.offset); at >= 0; at = this.find(type, this.after(at))) {
      values.push(this.valueAt(at))
    }
    return values
  }

  /** All attributes in order, with the flags of their types. */
  entries(): [type: number, value: Buffer][] {
    const { bytes } = this
    const found: [number, Buffer][] = []
    for (let at = this.offset; at + ATTRIBUTE_HEADER_LENGTH <= bytes.length; at = this.after(at)) {
      const length = this.uint16At(at)
      if (length < ATTRIBUTE_HEADER_LENGTH || at + length > bytes.length) break
      found.push([this.uint16At(at + 2), this.valueAt(at)])
    }
    return found
  }

  private number(type: number, length: number): Buffer | undefined {
    const value = this.get(type)
    return value && value.length >= length ? value : undefined
  }

  /** The offset of the first attribute of a type from `start` on, or -1. Stops at an attribute that is cut off. */
  private find(type: number, start: number): number {
    const { bytes } = this
    for (let at = start; at + ATTRIBUTE_HEADER_LENGTH <= bytes.length; at = this.after(at)) {
      const length = this.uint16At(at)
      if (length < ATTRIBUTE_HEADER_LENGTH || at + length > bytes.length) return -1
      if ((this.uint16At(at + 2) & NLA_TYPE_MASK) === type) return at
    }
    return -1
  }

  private after(at: number): number {
    return at + align(this.uint16At(at))
  }

  private valueAt(at: number): Buffer {
    return this.bytes.subarray(at + ATTRIBUTE_HEADER_LENGTH, at + this.uint16At(at))
  }

  /** Buffer's own method would check the range again, which `find` has checked. */
  private uint16At(at: number): number {
    return (this.bytes[at] as number) | ((this.bytes[at + 1] as number) << 8)
  }
}

export const u32Of = (value: Buffer | undefined): number | null =>
  value && value.length >= 4 ? value.readUInt32LE(0) : null

/** The text in an attribute, which may or may not end in NUL. */
export function textOf(value: Buffer | undefined): string | null {
  if (!value) return null
  const end = value.indexOf(0)
  return value.toString('utf8', 0, end < 0 ? value.length : end)
}
