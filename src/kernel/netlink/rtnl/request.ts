// A request to the kernel, before it has a sequence number: what it is about, and how it is written.
import type { MessageWriter } from './writer.js'

export interface Request {
  /** What is asked for, as the words of an error: `create veth`. */
  operation: string
  /** On what: `h1:eth0`. */
  target: string
  /** RTM_* */
  type: number
  /** NLM_F_*, beside REQUEST and ACK, which the socket sets. */
  flags: number
  /** Writes all that follows the message's header. */
  encode: (writer: MessageWriter) => void
}
