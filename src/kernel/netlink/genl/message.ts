// Generic netlink: requests to families, such as `wireguard`, whose numbers the kernel assigns when they register, and which
// are therefore found by name (linux/genetlink.h). Equals `genl ctrl get name NAME`.
import { Attributes } from '../rtnl/reader.js'
import type { Request } from '../rtnl/request.js'
import type { MessageWriter } from '../rtnl/writer.js'

/** The protocol number of generic netlink in netlink(7). */
export const NETLINK_GENERIC = 16

/** The family that finds the other ones. Its number is fixed. */
const GENL_ID_CTRL = 0x10
const CTRL_CMD_GETFAMILY = 3
const CTRL_ATTR_FAMILY_ID = 1
const CTRL_ATTR_FAMILY_NAME = 2
/** struct genlmsghdr */
const GENLMSGHDR_LENGTH = 4
const VERSION = 1

interface GenericRequest {
  operation: string
  target: string
  /** Number of the family, as `parseFamily` reads it. */
  family: number
  flags?: number
  command: number
  encode: (writer: MessageWriter) => void
}

export const genericRequest = ({ operation, target, family, flags = 0, command, encode }: GenericRequest): Request => ({
  operation,
  target,
  type: family,
  flags,
  encode: (writer) => {
    const start = writer.header(GENLMSGHDR_LENGTH)
    writer.buffer.writeUInt8(command, start)
    writer.buffer.writeUInt8(VERSION, start + 1)
    encode(writer)
  },
})

/** The attributes behind the header of a message's body. */
export const genericAttributes = (payload: Buffer): Attributes => new Attributes(payload, GENLMSGHDR_LENGTH)

/** Asks for the number of a family. The kernel answers ENOENT while no family of that name is registered. */
export const findFamily = (name: string): Request =>
  genericRequest({
    operation: 'find generic netlink family',
    target: name,
    family: GENL_ID_CTRL,
    command: CTRL_CMD_GETFAMILY,
    encode: (writer) => writer.text(CTRL_ATTR_FAMILY_NAME, name),
  })

/** Reads a family's number from the answer. @throws RangeError when the answer has none. */
export function parseFamily(payload: Buffer): number {
  const id = genericAttributes(payload).get(CTRL_ATTR_FAMILY_ID)
  if (!id || id.length < 2) throw new RangeError('an answer about a generic netlink family has no number')
  return id.readUInt16LE(0)
}
