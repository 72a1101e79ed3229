// Forwarding databases of VXLANs: RTM_*NEIGH of the bridge family (linux/neighbour.h). Equals `bridge fdb`.
import {
  AF_BRIDGE,
  NDA_DST,
  NDA_LLADDR,
  NDMSG_LENGTH,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NUD_PERMANENT,
  RTM_DELNEIGH,
  RTM_GETNEIGH,
  RTM_NEWNEIGH,
} from './constants.js'
import { addressBytes, addressText, macBytes, macText } from './ip.js'
import { Attributes } from './reader.js'
import type { Request } from './request.js'

const NUD_NOARP = 0x40
const NTF_SELF = 2
/** The entry for MAC addresses that have none of their own. */
const UNKNOWN_MAC = '00:00:00:00:00:00'

/** One of the remotes that a VXLAN sends packets for unknown MAC addresses to. */
export interface FloodSettings {
  /** ifindex of the VXLAN. */
  index: number
  remote: string
}

/** Adds a remote to which the VXLAN sends frames for unknown addresses, beside its others. `bridge fdb append … dst … self permanent` */
export const appendFlood = (flood: FloodSettings & { target: string }): Request =>
  floodRequest('add', RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_APPEND, flood)

/** Takes one of these remotes away. `bridge fdb delete … dst … self permanent` */
export const deleteFlood = (flood: FloodSettings & { target: string }): Request =>
  floodRequest('delete', RTM_DELNEIGH, 0, flood)

function floodRequest(
  verb: string,
  type: number,
  flags: number,
  { target, index, remote }: FloodSettings & { target: string },
): Request {
  return {
    operation: `${verb} forwarding entry`,
    target,
    type,
    flags,
    encode: (writer) => {
      const start = writer.header(NDMSG_LENGTH)
      writer.buffer.writeUInt8(AF_BRIDGE, start)
      writer.buffer.writeInt32LE(index, start + 4)
      writer.buffer.writeUInt16LE(NUD_PERMANENT | NUD_NOARP, start + 8)
      writer.buffer.writeUInt8(NTF_SELF, start + 10)
      writer.bytes(NDA_LLADDR, macBytes(UNKNOWN_MAC))
      writer.bytes(NDA_DST, addressBytes(remote))
    },
  }
}

/** All forwarding entries of a namespace, of bridges as well as of VXLANs. */
export function listForwarding(): Request {
  return {
    operation: 'list forwarding entries',
    target: 'all',
    type: RTM_GETNEIGH,
    flags: NLM_F_DUMP,
    encode: (writer) => writer.buffer.writeUInt8(AF_BRIDGE, writer.header(NDMSG_LENGTH)),
  }
}

/**
 * Reads the payload of an RTM_NEWNEIGH; null when it is not a remote for unknown MAC addresses. The remote that a VXLAN was
 * made with (VxlanSettings) is one of them.
 */
export function parseFlood(payload: Buffer): FloodSettings | null {
  const attributes = new Attributes(payload, NDMSG_LENGTH)
  const mac = attributes.get(NDA_LLADDR)
  const remote = attributes.get(NDA_DST)
  const isFlood = payload[0] === AF_BRIDGE && mac && macText(mac) === UNKNOWN_MAC
  return isFlood && remote ? { index: payload.readInt32LE(4), remote: addressText(remote) } : null
}
