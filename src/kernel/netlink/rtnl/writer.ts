// Writes netlink messages one after the other into one buffer: headers, attributes, nests. Numbers are in host byte order,
// which is little-endian on every processor that nslab supports.
import { NLA_F_NESTED, NLM_F_ACK, NLM_F_REQUEST } from './constants.js'

const HEADER_LENGTH = 16
const ATTRIBUTE_HEADER_LENGTH = 4

/** Rounds up to netlink's alignment (NLMSG_ALIGN, RTA_ALIGN). */
export const align = (length: number): number => (length + 3) & ~3

/** The message being written does not fit into the rest of the writer's buffer. */
export class WriterFull extends Error {
  constructor() {
    super('a netlink message is longer than its buffer')
  }
}

export class MessageWriter {
  private at = 0
  /** Offset of the last message that is complete. */
  private last = 0
  /** The same bytes. Functions of a Buffer take several times as long as those of plain arrays. */
  private readonly plain: Uint8Array
  private readonly view: DataView

  /** @param buffer is written from its beginning; its old content is overwritten, zeros included */
  constructor(readonly buffer: Buffer) {
    this.plain = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
    this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length)
  }

  /** Number of bytes written so far. Assigning a smaller number discards the bytes after it. */
  get length(): number {
    return this.at
  }

  set length(length: number) {
    this.at = length
  }

  /** Begins a request. @returns its offset, for `end` */
  begin(type: number, flags: number, sequence: number): number {
    const start = this.reserve(HEADER_LENGTH)
    this.buffer.writeUInt16LE(type, start + 4)
    this.buffer.writeUInt16LE(flags | NLM_F_REQUEST, start + 6)
    this.buffer.writeUInt32LE(sequence, start + 8)
    this.buffer.writeUInt32LE(0, start + 12)
    return start
  }

  /** Ends the message begun at `start`. */
  end(start: number): void {
    this.buffer.writeUInt32LE(this.at - start, start)
    this.last = start
  }

  /**
   * Writes requests that are encoded already, but for their sequence numbers and one number, until one does not fit.
   * @returns how many
   *
   * @param sequence number of the first
   * @param offset of the number, from the beginning of each
   */
  requests(all: readonly Uint8Array[], sequence: number, offset: number, number: number): number {
    let count = 0
    for (const bytes of all) {
      const start = this.at
      if (start + bytes.length > this.plain.length) break
      this.plain.set(bytes, start)
      this.view.setUint32(start + 8, sequence + count, true)
      this.view.setInt32(start + offset, number, true)
      this.last = start
      this.at = start + bytes.length
      count++
    }
    return count
  }

  /** Asks for an acknowledgement of the last request that is complete (NLM_F_ACK). Refusals come without being asked for. */
  acknowledge(): void {
    this.buffer.writeUInt16LE(this.buffer.readUInt16LE(this.last + 6) | NLM_F_ACK, this.last + 6)
  }

  /** Writes a fixed header of zeros. @returns its offset */
  header(length: number): number {
    return this.zeros(align(length))
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

  u64(type: number, value: bigint): void {
    this.buffer.writeBigUInt64LE(value, this.attribute(type, 8))
  }

  /** Numbers of 32 bits one after the other, as a structure has them. */
  u32s(type: number, values: readonly number[]): void {
    const start = this.attribute(type, 4 * values.length)
    values.forEach((value, index) => {
      this.buffer.writeUInt32LE(value, start + 4 * index)
    })
  }

  /** In network byte order, as ports and keys of tunnels are. */
  u16be(type: number, value: number): void {
    this.buffer.writeUInt16BE(value, this.attribute(type, 2))
  }

  u32be(type: number, value: number): void {
    this.buffer.writeUInt32BE(value, this.attribute(type, 4))
  }

  /** @returns the offset of the value */
  bytes(type: number, value: Uint8Array): number {
    const start = this.attribute(type, value.length)
    this.buffer.set(value, start)
    return start
  }

  /** A string and a NUL behind it, which the kernel expects of names. */
  text(type: number, value: string): void {
    const start = this.attribute(type, Buffer.byteLength(value) + 1)
    this.buffer.write(value, start)
  }

  /** Begins a nest; `flagged` sets NLA_F_NESTED. @returns its offset, for `endNest` */
  nest(type: number, flagged = false): number {
    return this.attribute(flagged ? type | NLA_F_NESTED : type, 0) - ATTRIBUTE_HEADER_LENGTH
  }

  /** @throws RangeError when the nest is longer than 65535 bytes, the limit of its 16-bit length. */
  endNest(start: number): void {
    this.buffer.writeUInt16LE(this.at - start, start)
  }

  private attribute(type: number, length: number): number {
    const start = this.zeros(align(ATTRIBUTE_HEADER_LENGTH + length))
    this.buffer.writeUInt16LE(ATTRIBUTE_HEADER_LENGTH + length, start)
    this.buffer.writeUInt16LE(type, start + 2)
    return start + ATTRIBUTE_HEADER_LENGTH
  }

  private zeros(length: number): number {
    const start = this.reserve(length)
    this.plain.fill(0, start, start + length)
    return start
  }

  /** Room for bytes that the caller writes, all of them. */
  private reserve(length: number): number {
    const start = this.at
    if (start + length > this.buffer.length) throw new WriterFull()
    this.at = start + length
    return start
  }
}
