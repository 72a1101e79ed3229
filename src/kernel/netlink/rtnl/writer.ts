// Writes netlink messages one behind the other into one buffer: headers, attributes, nests. Host byte order, which is
// little-endian on every processor nslab supports.
import { NLA_F_NESTED, NLM_F_ACK, NLM_F_REQUEST } from './constants.js'

const HEADER_LENGTH = 16
const ATTRIBUTE_HEADER_LENGTH = 4

/** Rounds up to netlink's alignment (NLMSG_ALIGN, RTA_ALIGN). */
export const align = (length: number): number => (length + 3) & ~3

/** The buffer of a writer is full; the message under way does not fit. */
export class WriterFull extends Error {
  constructor() {
    super('a netlink message is longer than its buffer')
  }
}

export class MessageWriter {
  private at = 0

  /** @param buffer written from its beginning; what it held does not matter */
  constructor(readonly buffer: Buffer) {}

  /** Bytes written so far; assigning a smaller number takes back what was written after it. */
  get length(): number {
    return this.at
  }

  set length(length: number) {
    this.at = length
  }

  /** Begins a request; returns where, for `end` and `acknowledge`. */
  begin(type: number, flags: number, sequence: number): number {
    const start = this.reserve(HEADER_LENGTH)
    this.buffer.writeUInt16LE(type, start + 4)
    this.buffer.writeUInt16LE(flags | NLM_F_REQUEST, start + 6)
    this.buffer.writeUInt32LE(sequence, start + 8)
    return start
  }

  /** Ends the message begun at `start`. */
  end(start: number): void {
    this.buffer.writeUInt32LE(this.at - start, start)
  }

  /** Has the request begun at `start` acknowledged (NLM_F_ACK). A refusal comes for every request. */
  acknowledge(start: number): void {
    this.buffer.writeUInt16LE(this.buffer.readUInt16LE(start + 6) | NLM_F_ACK, start + 6)
  }

  /** Makes room for a fixed header of zeros; returns where it is. */
  header(length: number): number {
    return this.reserve(align(length))
  }

  u8(type: number, value: number): void {
    this.buffer.writeUInt8(value, this.attribute(type, 1))
  }

  u16(type: number, value: number): void {
    this.buffer.writeUInt16LE(value, this.attribute(type, 2))
  }

  u32(type: number, value: number): void {
    this.buffer.writeUInt32LE(value, this.attribute(type, 4))
  }

  /** In network byte order, as ports and keys of tunnels are. */
  u16be(type: number, value: number): void {
    this.buffer.writeUInt16BE(value, this.attribute(type, 2))
  }

  u32be(type: number, value: number): void {
    this.buffer.writeUInt32BE(value, this.attribute(type, 4))
  }

  bytes(type: number, value: Uint8Array): void {
    this.buffer.set(value, this.attribute(type, value.length))
  }

  /** A string with the NUL that the kernel expects behind names. */
  text(type: number, value: string): void {
    const start = this.attribute(type, Buffer.byteLength(value) + 1)
    this.buffer.write(value, start)
  }

  /** Begins a nest; returns where, for `endNest`. `flagged` sets NLA_F_NESTED. */
  nest(type: number, flagged = false): number {
    return this.attribute(flagged ? type | NLA_F_NESTED : type, 0) - ATTRIBUTE_HEADER_LENGTH
  }

  /** @throws RangeError when it is longer than its 16-bit length can say. */
  endNest(start: number): void {
    this.buffer.writeUInt16LE(this.at - start, start)
  }

  private attribute(type: number, length: number): number {
    const start = this.reserve(align(ATTRIBUTE_HEADER_LENGTH + length))
    this.buffer.writeUInt16LE(ATTRIBUTE_HEADER_LENGTH + length, start)
    this.buffer.writeUInt16LE(type, start + 2)
    return start + ATTRIBUTE_HEADER_LENGTH
  }

  private reserve(length: number): number {
    const start = this.at
    if (start + length > this.buffer.length) throw new WriterFull()
    this.buffer.fill(0, start, start + length)
    this.at = start + length
    return start
  }
}
