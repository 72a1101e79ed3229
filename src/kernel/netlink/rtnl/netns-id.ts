// Which network namespace an id stands for (IFLA_LINK_NETNSID): RTM_GETNSID with struct rtgenmsg (linux/net_namespace.h). Equals
// `ip netns list-id`. Ids are local: each namespace numbers those that it knows.
import { Attributes } from './reader.js'
import type { Request } from './request.js'

const RTM_GETNSID = 90
const RTGENMSG_LENGTH = 4
const NETNSA_NSID = 1
const NETNSA_FD = 3

/** Asks for the id that the socket's namespace has for another one, which `netnsFd` of this process is open on. */
export const getNetnsId = (target: string, netnsFd: number): Request => ({
  ...{ operation: 'find id of namespace', target, type: RTM_GETNSID, flags: 0 },
  encode: (writer) => {
    writer.header(RTGENMSG_LENGTH)
    writer.u32(NETNSA_FD, netnsFd)
  },
})

/** Reads the payload of the answer; -1 when the namespace has no id there. */
export const parseNetnsId = (payload: Buffer): number =>
  new Attributes(payload, RTGENMSG_LENGTH).get(NETNSA_NSID)?.readInt32LE(0) ?? -1
