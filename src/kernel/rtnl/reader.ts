// Reads attributes out of a netlink message's payload.
import { NLA_TYPE_MASK } from './constants.js'
import { align } from './writer.js'

/** Attributes by type. Of several with one type, the last. */
export type Attributes = Map<number, Buffer>

/** The attributes between `offset` and the end, each a view, in order. Stops at what is cut off. */
export function* eachAttribute(bytes: Buffer, offset = 0): Generator<[type: number, value: Buffer]> {
  let at = offset
  while (at + 4 <= bytes.length) {
    const length = bytes.readUInt16LE(at)
    if (length < 4 || at + length > bytes.length) return
    yield [bytes.readUInt16LE(at + 2) & NLA_TYPE_MASK, bytes.subarray(at + 4, at + length)]
    at += align(length)
  }
}

export const readAttributes = (bytes: Buffer, offset = 0): Attributes => new Map(eachAttribute(bytes, offset))

export const u32Of = (value: Buffer | undefined): number | null => (value ? value.readUInt32LE(0) : null)

/** A string, with or without the NUL behind it. */
export function textOf(value: Buffer | undefined): string | null {
  if (!value) return null
  const end = value.indexOf(0)
  return value.toString('utf8', 0, end < 0 ? value.length : end)
}
