// A request to the kernel, not yet encoded: what it does, for errors, and a function that writes its message. And many of them.
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

/** Many requests of one kind, which are written without an object for each. */
export interface Series {
  count: number
  /** One of them, for the error that the kernel refuses it with. */
  at: (place: number) => Request
  /**
   * Writes messages from place `from` on, at most `limit`, until the writer is full. @returns how many
   *
   * @param sequence number of the first; they count modulo 2³²
   */
  write: (writer: MessageWriter, from: number, limit: number, sequence: number) => number
}
