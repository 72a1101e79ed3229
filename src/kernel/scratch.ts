// Tries kinds of namespaces, file systems and netlink requests in scratch namespaces that end with the attempt (the shim's verb
// `probe`). It needs no privilege, since each attempt is made below a new user namespace.
import { KernelError } from '../errors.js'
import { Replies } from './netlink/rtnl/replies.js'
import type { Request } from './netlink/rtnl/request.js'
import { MessageWriter } from './netlink/rtnl/writer.js'
import { runShim } from './shim.js'

/** Protocols of netlink(7). */
export const NETLINK_ROUTE = 0
export const NETLINK_NETFILTER = 12

const MESSAGE_BYTES = 1024

export interface Trial {
  /** Names in /proc/PID/ns, such as `net`. */
  namespaces: readonly string[]
  /** File system types, such as `proc`. */
  mounts: readonly string[]
  /** Requests sent in this order in one new network namespace, which has only the interface lo. */
  messages: readonly { protocol: number; request: Request }[]
}

/** The kernel's answer to a request. */
export interface Answer {
  /** 0 when the kernel carried out the request. */
  errno: number
  /** The text of the extended acknowledgement, if the kernel sent one. */
  extack: string | undefined
}

export interface TrialResult {
  /** errno of making a namespace, by its name; 0 when it was made. */
  namespaces: Record<string, number>
  /** errno of mounting a file system, by its type; 0 when it was mounted. */
  mounts: Record<string, number>
  /** In the order of the messages; empty when no network namespace could be made to send them in. */
  answers: Answer[]
  /** Why no network namespace could be made; null when one was. */
  refusal: KernelError | null
}

/** Makes all attempts, one after the other. @throws LabError FEATURE_MISSING when the shim is not built. */
export async function tryInScratch({ namespaces, mounts, messages }: Trial): Promise<TrialResult> {
  const result: TrialResult = { namespaces: {}, mounts: {}, answers: [], refusal: null }
  const spec = [
    ...namespaces.flatMap((name) => ['namespace', name]),
    ...mounts.flatMap((type) => ['mount', type]),
    ...messages.flatMap(({ protocol, request }, index) => ['send', String(protocol), hexOf(request, index)]),
  ]
  try {
    await runShim({
      verb: 'probe',
      args: [],
      spec,
      onReport: (report) => {
        const errno = report.errno as number
        if (typeof report.namespace === 'string') result.namespaces[report.namespace] = errno
        else if (typeof report.mount === 'string') result.mounts[report.mount] = errno
        else result.answers.push(answerOf(errno, report.answer as string, result.answers.length))
      },
    })
  } catch (error) {
    if (!(error instanceof KernelError)) throw error
    result.refusal = error
  }
  return result
}

function hexOf(request: Request, sequence: number): string {
  const writer = new MessageWriter(Buffer.alloc(MESSAGE_BYTES))
  const start = writer.begin(request.type, request.flags, sequence)
  request.encode(writer)
  writer.end(start)
  writer.acknowledge()
  return writer.buffer.toString('hex', 0, writer.length)
}

function answerOf(errno: number, hex: string, sequence: number): Answer {
  const replies = new Replies(sequence, 1)
  replies.takeDatagram(Buffer.from(hex, 'hex'))
  return { errno: errno || (replies.refusal?.errno ?? 0), extack: replies.refusal?.extack }
}
