// Neighbour tables (ARP and ND): RTM_*NEIGH with struct ndmsg (rtnetlink(7)). Equals `ip neighbour`.
import {
  AF_INET,
  AF_INET6,
  NDA_DST,
  NDA_LLADDR,
  NDMSG_LENGTH,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_REPLACE,
  NUD_PERMANENT,
  RTM_DELNEIGH,
  RTM_GETNEIGH,
  RTM_NEWNEIGH,
} from './constants.js'
import { addressBytes, addressText, familyOf, macBytes, macText } from './ip.js'
import { Attributes } from './reader.js'
import type { Request, Series } from './request.js'
import { MessageWriter } from './writer.js'

/** NUD_* of linux/neighbour.h. */
const STATES = new Map([
  [0x00, 'NONE'],
  [0x01, 'INCOMPLETE'],
  [0x02, 'REACHABLE'],
  [0x04, 'STALE'],
  [0x08, 'DELAY'],
  [0x10, 'PROBE'],
  [0x20, 'FAILED'],
  [0x40, 'NOARP'],
  [0x80, 'PERMANENT'],
])

export interface NeighbourInfo {
  index: number
  family: 4 | 6
  address: string
  mac: string | null
  /** `REACHABLE`, `PERMANENT`, … */
  state: string
}

/** A permanent entry. */
export interface Neighbour {
  address: string
  mac: string
}

/** Adds a permanent entry, or replaces one. `ip neighbour replace … nud permanent` */
export const addNeighbour = (entry: { target: string; index: number } & Neighbour): Request => ({
  operation: 'add neighbour',
  target: entry.target,
  type: RTM_NEWNEIGH,
  flags: FLAGS,
  encode: (writer) => writePayload(writer, entry, entry.index),
})

/** `ip neighbour delete` */
export const deleteNeighbour = ({
  target,
  index,
  address,
}: {
  target: string
  index: number
  address: string
}): Request => ({
  operation: 'delete neighbour',
  target,
  type: RTM_DELNEIGH,
  flags: 0,
  encode: (writer) => {
    const start = writer.header(NDMSG_LENGTH)
    writer.buffer.writeUInt8(familyOf(address), start)
    writer.buffer.writeInt32LE(index, start + INDEX)
    writer.buffer.writeUInt16LE(NUD_PERMANENT, start + 8)
    writer.bytes(NDA_DST, addressBytes(address))
  },
})

/**
 * Adds permanent entries to one interface.
 *
 * @param target of the interface, in the words of an error message
 * @param messages keeps the encoded entries, which all nodes of a network need
 */
export const addNeighbours = (
  { target, index, entries }: { target: string; index: number; entries: readonly Neighbour[] },
  messages: NeighbourMessages,
): Series => ({
  count: entries.length,
  at: (place) => {
    const entry = entries[place] as Neighbour
    return addNeighbour({ ...entry, target: `${target} ${entry.address}`, index })
  },
  write: (writer, from, limit, sequence) => {
    const encoded = entries.slice(from, from + limit).map(messages.of)
    return writer.requests(encoded, sequence, HEADER_LENGTH + INDEX, index)
  },
})

const FLAGS = NLM_F_CREATE | NLM_F_REPLACE
const HEADER_LENGTH = 16
/** Offset of ndm_ifindex in struct ndmsg. */
const INDEX = 4
/** Room for the header, struct ndmsg, an IPv6 address and a MAC address. */
const MESSAGE_LENGTH = 64

/** The messages of entries, but for the index of the interface: each is encoded once. A LAN of 100 hosts needs each 99 times. */
export class NeighbourMessages {
  private readonly known = new Map<Neighbour, Uint8Array>()

  /** @param entry one that nodes share is the same object for all of them */
  readonly of = (entry: Neighbour): Uint8Array => {
    const known = this.known.get(entry)
    if (known) return known
    const message = encoded(entry)
    this.known.set(entry, message)
    return message
  }
}

function encoded(entry: Neighbour): Uint8Array {
  const writer = new MessageWriter(Buffer.alloc(MESSAGE_LENGTH))
  const start = writer.begin(RTM_NEWNEIGH, FLAGS, 0)
  writePayload(writer, entry, 0)
  writer.end(start)
  return writer.buffer.subarray(0, writer.length)
}

function writePayload(writer: MessageWriter, { address, mac }: Neighbour, index: number): void {
  const start = writer.header(NDMSG_LENGTH)
  writer.buffer.writeUInt8(familyOf(address), start)
  writer.buffer.writeInt32LE(index, start + INDEX)
  writer.buffer.writeUInt16LE(NUD_PERMANENT, start + 8)
  writer.bytes(NDA_DST, addressBytes(address))
  writer.bytes(NDA_LLADDR, macBytes(mac))
}

/** All neighbours of a namespace, of both families. */
export function listNeighbours(): Request {
  return {
    operation: 'list neighbours',
    target: 'all',
    type: RTM_GETNEIGH,
    flags: NLM_F_DUMP,
    encode: (writer) => writer.header(NDMSG_LENGTH),
  }
}

/** linux/neighbour.h */
const NTF_PROXY = 0x08

/** Whether an entry is an address that is answered for, and no neighbour. `ip neighbour show proxy` */
export const isProxy = (payload: Buffer): boolean => (payload.readUInt8(10) & NTF_PROXY) !== 0

/** Asks for one neighbour (Linux 5.0). `ip neighbour get` */
export const getNeighbour = ({
  target,
  index,
  address,
}: {
  target: string
  index: number
  address: string
}): Request => ({
  ...{ operation: 'read neighbour', target, type: RTM_GETNEIGH, flags: 0 },
  encode: (writer) => {
    const start = writer.header(NDMSG_LENGTH)
    writer.buffer.writeUInt8(familyOf(address), start)
    writer.buffer.writeInt32LE(index, start + INDEX)
    writer.bytes(NDA_DST, addressBytes(address))
  },
})

/** Whether a neighbour is permanent, so that somebody has added it. */
export const isPermanent = (payload: Buffer): boolean => (payload.readUInt16LE(8) & NUD_PERMANENT) !== 0

/** Reads the payload of an RTM_NEWNEIGH; null for an entry that is not IP's, such as a bridge's forwarding entry. */
export function parseNeighbour(payload: Buffer): NeighbourInfo | null {
  const family = payload.readUInt8(0)
  const attributes = new Attributes(payload, NDMSG_LENGTH)
  const address = attributes.get(NDA_DST)
  if ((family !== AF_INET && family !== AF_INET6) || !address) return null
  const mac = attributes.get(NDA_LLADDR)
  const state = payload.readUInt16LE(8)
  return {
    index: payload.readInt32LE(4),
    family: family === AF_INET ? 4 : 6,
    address: addressText(address),
    mac: mac ? macText(mac) : null,
    state: STATES.get(state) ?? String(state),
  }
}
