// Generic netlink: requests to kernel parts that are found by name, since their numbers differ from boot to boot
// (linux/genetlink.h). Equals `genl ctrl get name NAME`.
import { Attributes } from '../rtnl/reader.js'
import type { Request } from '../rtnl/request.js'
import type { MessageWriter } from '../rtnl/writer.js'

/** Protocol of netlink(7). */
export const NETLINK_GENERIC = 16

/** The part that finds the others: it has a number that stays. */
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
  /** Number of the kernel part. */
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

/** Attributes of a message's body. */
export const genericAttributes = (payload: Buffer): Attributes => new Attributes(payload, GENLMSGHDR_LENGTH)

/** Asks for the number of a kernel part; refused with ENOENT where the kernel has none of that name, or not yet. */
export const findFamily = (name: string): Request =>
  genericRequest({
    operation: 'find generic netlink family',
    target: name,
    family: GENL_ID_CTRL,
    command: CTRL_CMD_GETFAMILY,
    encode: (writer) => writer.text(CTRL_ATTR_FAMILY_NAME, name),
  })

/** The number in the answer. @throws RangeError when there is none in it. */
export function parseFamily(payload: Buffer): number {
  const id = genericAttributes(payload).get(CTRL_ATTR_FAMILY_ID)
  if (!id || id.length < 2) throw new RangeError('an answer about a generic netlink family has no number')
  return id.readUInt16LE(0)
}
