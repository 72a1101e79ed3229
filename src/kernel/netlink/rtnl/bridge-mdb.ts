// Multicast groups of bridges' ports: RTM_GETMDB with struct br_port_msg (linux/if_bridge.h). Equals `bridge mdb`.
import { AF_BRIDGE, NLM_F_DUMP } from './constants.js'
import { addressText, macText } from './ip.js'
import { Attributes } from './reader.js'
import type { Request } from './request.js'

const RTM_GETMDB = 86
/** struct br_port_msg: family and ifindex. */
const PORT_MSG_LENGTH = 8
/** Nested in each other: MDBA_MDB, MDBA_MDB_ENTRY and MDBA_MDB_ENTRY_INFO, all with the number 1. */
const NEST = 1
/** struct br_mdb_entry: ifindex, state, flags, VLAN, and 16 bytes of address before its protocol. */
const ENTRY_LENGTH = 28
const STATE = 4
const ADDRESS = 8
const PROTOCOL = 24
const MDB_PERMANENT = 1
const ETH_P_IP = 0x0800
const ETH_P_IPV6 = 0x86dd

export interface MulticastEntry {
  /** ifindex of the port. */
  index: number
  /** Somebody has added it, and it does not expire. */
  permanent: boolean
  /** IP or MAC address. */
  group: string
}

/** The groups of all bridges of a namespace. `bridge mdb show` */
export const listMulticast = (): Request => ({
  ...{ operation: 'list multicast groups', target: 'all', type: RTM_GETMDB, flags: NLM_F_DUMP },
  encode: (writer) => writer.buffer.writeUInt8(AF_BRIDGE, writer.header(PORT_MSG_LENGTH)),
})

/** Reads the payload of the answer: the groups of one bridge. */
export function parseMulticast(payload: Buffer): MulticastEntry[] {
  const table = new Attributes(payload, PORT_MSG_LENGTH).get(NEST)
  const entries = table ? new Attributes(table).all(NEST) : []
  return entries
    .flatMap((entry) => new Attributes(entry).all(NEST))
    .filter((entry) => entry.length >= ENTRY_LENGTH)
    .map((entry) => ({
      index: entry.readUInt32LE(0),
      permanent: entry[STATE] === MDB_PERMANENT,
      group: groupText(entry),
    }))
}

function groupText(entry: Buffer): string {
  switch (entry.readUInt16BE(PROTOCOL)) {
    case ETH_P_IP:
      return addressText(entry.subarray(ADDRESS, ADDRESS + 4))
    case ETH_P_IPV6:
      return addressText(entry.subarray(ADDRESS, ADDRESS + 16))
    default:
      return macText(entry.subarray(ADDRESS, ADDRESS + 6))
  }
}
