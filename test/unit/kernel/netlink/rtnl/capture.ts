// Reads what test/fixtures/netlink/capture.mjs captured from iproute2, and writes requests as the socket does.
import { readFileSync } from 'node:fs'
import type { Request } from '../../../../../src/kernel/netlink/rtnl/request.js'
import { MessageWriter } from '../../../../../src/kernel/netlink/rtnl/writer.js'

const HEADER_LENGTH = 16

interface Capture {
  command: string
  request: string
  /** All of them, of a command that sends several. */
  requests: string[]
  datagrams: string[]
  /** What `ip -j` says of the same namespace; of WireGuard, the text of `wg showconf`. */
  shown: any[]
}

export const capture = (name: string): Capture =>
  JSON.parse(readFileSync(new URL(`../../../../fixtures/netlink/${name}.json`, import.meta.url), 'utf8'))

/** A message as hexadecimal words, without the sequence number. */
export function captured(name: string): string {
  const bytes = Buffer.from(capture(name).request, 'hex')
  return withoutSequence(bytes)
}

/** The same of one of our requests. */
export function encoded({ type, flags, encode }: Request): string {
  // Whatever the buffer held must not show through.
  const writer = new MessageWriter(Buffer.alloc(1024, 0xee))
  const start = writer.begin(type, flags, 1)
  encode(writer)
  writer.end(start)
  writer.acknowledge()
  return withoutSequence(writer.buffer.subarray(0, writer.length))
}

/** What follows the header of a captured request. */
export const requested = (name: string): Buffer => Buffer.from(capture(name).request, 'hex').subarray(HEADER_LENGTH)

/** The same of one of our requests. */
export function payloadOf({ encode }: Request): Buffer {
  const writer = new MessageWriter(Buffer.alloc(1024, 0xee))
  encode(writer)
  return writer.buffer.subarray(0, writer.length)
}

function withoutSequence(bytes: Buffer): string {
  bytes.writeUInt32LE(0, 8)
  return bytes.toString('hex').replaceAll(/(.{8})(?=.)/g, '$1 ')
}

/** Bodies of all messages of one type that a command was answered with. */
export const payloads = (name: string, type: number): Buffer[] =>
  capture(name)
    .datagrams.flatMap((hex) => messagesIn(Buffer.from(hex, 'hex')))
    .filter((message) => message.readUInt16LE(4) === type)
    .map((message) => message.subarray(HEADER_LENGTH))

function messagesIn(datagram: Buffer): Buffer[] {
  if (datagram.length < HEADER_LENGTH) return []
  const length = datagram.readUInt32LE(0)
  return [datagram.subarray(0, length), ...messagesIn(datagram.subarray((length + 3) & ~3))]
}
