// Tries things in namespaces of their own that are gone afterwards (the shim's verb `probe`): kinds of namespaces, file
// systems, netlink requests. Needs no privilege: each attempt is made below a new user namespace.
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
  /** Sent in this order to one network namespace that has nothing but lo in it. */
  messages: readonly { protocol: number; request: Request }[]
}

/** What the kernel said: errno 0 when it did what was asked. */
export interface Answer {
  errno: number
  /** The kernel's own text. */
  extack: string | undefined
}

export interface TrialResult {
  /** errno by name; 0 when it could be made. */
  namespaces: Record<string, number>
  mounts: Record<string, number>
  /** In the order of the messages; empty when there was no network namespace to send them in. */
  answers: Answer[]
  /** Why there was none. */
  refusal: KernelError | null
}

/** Tries everything, one after the other. @throws LabError FEATURE_MISSING when the shim is not built. */
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
  writer.acknowledge(start)
  return writer.buffer.toString('hex', 0, writer.length)
}

function answerOf(errno: number, hex: string, sequence: number): Answer {
  const replies = new Replies(sequence, 1)
  replies.takeDatagram(Buffer.from(hex, 'hex'))
  return { errno: errno || (replies.refusal?.errno ?? 0), extack: replies.refusal?.extack }
}
