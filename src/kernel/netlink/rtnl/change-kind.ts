// Changes the settings of a device in place: RTM_NEWLINK for a device that is there, with IFLA_LINKINFO. Equals
// `ip link set dev … type KIND …`.
import { IFINFOMSG_LENGTH, IFLA_INFO_DATA, IFLA_INFO_KIND, IFLA_LINKINFO, RTM_NEWLINK } from './constants.js'
import { attributesOf } from './kind.js'
import { Attributes, textOf } from './reader.js'
import type { Request } from './request.js'

/** Kinds whose settings are all as in a request to change them: those that the request does not have get the kernel's defaults. */
const WHOLE: readonly (string | null)[] = ['gre', 'gretap', 'ip6gre', 'ip6gretap', 'ipip', 'sit', 'ip6tnl']

/**
 * Gives a device the settings with which another request would make it. Only those that differ are sent, since the kernel refuses
 * some that a device of its kind cannot change even when they are the same.
 *
 * @param before the request that makes the device as it is
 * @param after the request that makes it as it is to be
 */
export function changeKind(index: number, before: Request, after: Request): Request {
  const [old, own] = [infoOf(before), infoOf(after)]
  const kind = own.get(IFLA_INFO_KIND) ?? Buffer.alloc(0)
  const [had, has] = [dataOf(old), dataOf(own)]
  const changed = has.filter(([type, value]) => !had.some(([each, old]) => each === type && old.equals(value)))
  // What is not there any more is zero, which is the default of all that a request may leave out.
  const gone = had.flatMap(([type, value]): Attribute[] =>
    has.some(([each]) => each === type) ? [] : [[type, Buffer.alloc(value.length)]],
  )
  const sent = WHOLE.includes(textOf(kind)) ? has : [...changed, ...gone]
  return {
    operation: after.operation.replace(/^create/, 'change'),
    target: after.target,
    type: RTM_NEWLINK,
    flags: 0,
    encode: (writer) => {
      writer.buffer.writeInt32LE(index, writer.header(IFINFOMSG_LENGTH) + 4)
      const info = writer.nest(IFLA_LINKINFO)
      writer.bytes(IFLA_INFO_KIND, kind)
      const data = writer.nest(IFLA_INFO_DATA)
      for (const [type, value] of sent) writer.bytes(type, value)
      writer.endNest(data)
      writer.endNest(info)
    },
  }
}

type Attribute = [type: number, value: Buffer]

const infoOf = (creation: Request): Attributes =>
  new Attributes(attributesOf(creation, IFINFOMSG_LENGTH).get(IFLA_LINKINFO) ?? Buffer.alloc(0))

const dataOf = (info: Attributes): Attribute[] => new Attributes(info.get(IFLA_INFO_DATA) ?? Buffer.alloc(0)).entries()
