// A request to the kernel, not yet encoded: what it does, for errors, and a function that writes its message.
import type { MessageWriter } from './writer.js'

export interface Request {
  /** What it does, in the words of an error message: `create veth`. */
  operation: string
  /** What it is done to, in the words of an error message: `h1:eth0`. */
  target: string
  /** nlmsghdr.nlmsg_type: RTM_*, or a family of generic netlink. */
  type: number
  /** NLM_F_*, without REQUEST and ACK, which the socket sets. */
  flags: number
  /** Writes the message's body, which follows the netlink header. */
  encode: (writer: MessageWriter) => void
}
