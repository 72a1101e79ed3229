// Changes the settings of a device in place: RTM_NEWLINK for a device that is there, with IFLA_LINKINFO. Equals
// `ip link set dev … type KIND …`.
import { IFINFOMSG_LENGTH, IFLA_LINKINFO, RTM_NEWLINK } from './constants.js'
import { attributesOf } from './kind.js'
import type { Request } from './request.js'

/**
 * Gives a device the settings with which another request would make it. The kernel refuses those that a device of its kind cannot
 * change (EOPNOTSUPP, EINVAL).
 *
 * @param creation the request that makes such a device: its kind and the attributes of this kind are read from it
 */
export const changeKind = (index: number, creation: Request): Request => ({
  operation: creation.operation.replace(/^create/, 'change'),
  target: creation.target,
  type: RTM_NEWLINK,
  flags: 0,
  encode: (writer) => {
    writer.buffer.writeInt32LE(index, writer.header(IFINFOMSG_LENGTH) + 4)
    writer.bytes(IFLA_LINKINFO, attributesOf(creation, IFINFOMSG_LENGTH).get(IFLA_LINKINFO) ?? Buffer.alloc(0))
  },
})
