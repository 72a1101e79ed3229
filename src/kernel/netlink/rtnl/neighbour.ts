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
  RTM_GETNEIGH,
  RTM_NEWNEIGH,
} from './constants.js'
import { addressBytes, addressText, familyOf, macBytes, macText } from './ip.js'
import { Attributes } from './reader.js'
import type { Request } from './request.js'

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

/** Adds a permanent entry, or replaces one. `ip neighbour replace … nud permanent` */
export function addNeighbour(entry: { target: string; index: number; address: string; mac: string }): Request {
  return {
    operation: 'add neighbour',
    target: entry.target,
    type: RTM_NEWNEIGH,
    flags: NLM_F_CREATE | NLM_F_REPLACE,
    encode: (writer) => {
      const start = writer.header(NDMSG_LENGTH)
      writer.buffer.writeUInt8(familyOf(entry.address), start)
      writer.buffer.writeInt32LE(entry.index, start + 4)
      writer.buffer.writeUInt16LE(NUD_PERMANENT, start + 8)
      writer.bytes(NDA_DST, addressBytes(entry.address))
      writer.bytes(NDA_LLADDR, macBytes(entry.mac))
    },
  }
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
