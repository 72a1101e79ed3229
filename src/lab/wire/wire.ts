// The wire of a lab: the process that carries frames between the ends of links (native-shim/README.md, "wire"). It is started
// by the keeper, and is reached through the keeper.

import { constants } from 'node:os'
import { KernelError, LabError } from '../../errors.js'
import { FIRST_FD, runShim, type ShimReport } from '../../kernel/shim.js'
import { keeperArguments, type ProcessIdentity } from '../who/process-identity.js'

const { ECONNREFUSED, ETIMEDOUT } = constants.errno

/** A keeper, and the creator's end of its socket while the lab is built. */
export type WireKeeper = ProcessIdentity & { creatorFd?: number }

/**
 * Makes the keeper start the wire; does nothing when there is one.
 *
 * @param rootId the user and group id, in this process's user namespace, that the wire has
 * @param signal ends the attempt when aborted
 * @returns the number of the keeper's descriptor of the wire's network namespace
 * @throws KernelError, such as ETIMEDOUT when the keeper does not answer; the signal's reason when aborted
 */
export async function startWire(keeper: WireKeeper, rootId: number, signal?: AbortSignal): Promise<number> {
  const [report] = await callWire(keeper, ['start', String(rootId)], signal)
  const { netnsFd } = (report?.wire ?? {}) as { netnsFd?: number }
  if (netnsFd === undefined) throw new LabError('INTERNAL', 'nslab-shim wire did not report the network of the wire')
  return netnsFd
}

/**
 * Sends one request to the wire, which carries it out as a whole or not at all.
 *
 * @param signal ends the attempt when aborted
 * @returns the reports of the wire
 * @throws KernelError when the wire cannot be reached, such as ECONNREFUSED when it has failed and ETIMEDOUT when it does not
 *   answer; LabError KERNEL_REFUSED when it refuses the request; the signal's reason when aborted.
 */
export async function tellWire(
  keeper: WireKeeper,
  words: readonly string[],
  signal?: AbortSignal,
): Promise<ShimReport[]> {
  const reports = await callWire(keeper, words, signal)
  const refusal = reports.find((report) => typeof report.refused === 'string')
  if (refusal) throw new LabError('KERNEL_REFUSED', `the wire refused a request: ${refusal.refused}`)
  return reports
}

/** Whether a request failed because the wire has ended for good. Its links are down then. */
export const hasFailed = (error: unknown): boolean =>
  error instanceof KernelError && error.step === 'reach-wire' && error.errno === ECONNREFUSED

async function callWire(keeper: WireKeeper, spec: readonly string[], signal?: AbortSignal): Promise<ShimReport[]> {
  const { creatorFd } = keeper
  const reports: ShimReport[] = []
  try {
    await runShim({
      verb: 'wire',
      args: [...keeperArguments(keeper), ...(creatorFd === undefined ? [] : ['--creator', String(FIRST_FD)])],
      fds: creatorFd === undefined ? [] : [creatorFd],
      spec,
      signal,
      onReport: (report) => reports.push(report),
    })
  } catch (error) {
    throw error instanceof KernelError ? withHint(error, keeper) : error
  }
  return reports
}

/** The same failure, with what the user can do about it. */
function withHint(error: KernelError, { pid }: WireKeeper): KernelError {
  const hint = hintFor(error, pid)
  if (hint === null) return error
  const { step, operation, target, errno } = error
  return new KernelError({ step, operation, target, errno, hint }, { cause: error })
}

function hintFor({ step, errno }: KernelError, keeper: number): string | null {
  if (step !== 'reach-wire' && step !== 'start-wire') return null
  switch (errno) {
    case ECONNREFUSED:
      return 'the wire has ended twice, so its links are down; when memory ran out, `dmesg` says so. `nslab down` and `nslab up` make the lab anew'
    case ETIMEDOUT:
      return `\`ps -o pid,stat,args ${keeper} --ppid ${keeper}\` shows the lab's keeper and its wire: T means stopped, and \`kill -CONT PID\` continues it`
    default:
      return null
  }
}
