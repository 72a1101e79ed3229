// Entries of forwarding databases: RTM_NEWNEIGH of the bridge family (linux/neighbour.h). Equals `bridge fdb`.
import { NDA_DST, NDA_LLADDR, NLM_F_APPEND, NLM_F_CREATE, NUD_PERMANENT, RTM_NEWNEIGH } from './constants.js'
import { addressBytes, macBytes } from './ip.js'
import type { Request } from './request.js'

const AF_BRIDGE = 7
const NDMSG_LENGTH = 12
const NUD_NOARP = 0x40
const NTF_SELF = 2
/** Stands for every address that is not known. */
const UNKNOWN_MAC = '00:00:00:00:00:00'

/** Has a VXLAN send what it knows no address for to one more. `bridge fdb append … dst … self permanent` */
export function appendFlood({ target, index, remote }: { target: string; index: number; remote: string }): Request {
  return {
    operation: 'add forwarding entry',
    target,
    type: RTM_NEWNEIGH,
    flags: NLM_F_CREATE | NLM_F_APPEND,
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
