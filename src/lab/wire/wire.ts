// The wire of a lab: the process that carries frames between the ends of links (native-shim/README.md, "wire"). It is started
// by the keeper, and is reached through the keeper.

import { constants } from 'node:os'
import { KernelError, LabError } from '../../errors.js'
import { FIRST_FD, runShim, type ShimReport } from '../../kernel/shim.js'
import { keeperArguments, type ProcessIdentity } from '../who/process-identity.js'

const { ECONNREFUSED, ESRCH, ETIMEDOUT } = constants.errno

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
 * @throws KernelError when the wire cannot be reached, such as ETIMEDOUT when it does not answer; LabError KERNEL_REFUSED when it
 *   has ended for good or refuses the request; the signal's reason when aborted.
 */
export async function tellWire(
  keeper: WireKeeper,
  words: readonly string[],
  signal?: AbortSignal,
): Promise<ShimReport[]> {
  const reports = await callWire(keeper, words, signal).catch(explain)
  const refusal = reports.find((report) => typeof report.refused === 'string')
  if (refusal) throw new LabError('KERNEL_REFUSED', `the wire refused a request: ${refusal.refused}`)
  return reports
}

/** Whether the wire has ended for good: the keeper starts it once more, and after that nobody listens. */
export const isEnded = (error: unknown): boolean => error instanceof LabError && isOfEnded(error.cause)

/** Whether the wire, or the keeper that is asked for it, did not answer in time. */
export const isSilent = (error: unknown): boolean =>
  error instanceof KernelError &&
  (error.step === 'reach-wire' || error.step === 'start-wire') &&
  error.errno === ETIMEDOUT

const isOfEnded = (error: unknown): boolean =>
  error instanceof KernelError && error.step === 'reach-wire' && (error.errno === ECONNREFUSED || error.errno === ESRCH)

function explain(cause: unknown): never {
  if (!isOfEnded(cause)) throw cause
  const message = `the wire of this lab has ended, so its links are down: ${(cause as KernelError).message}`
  const hint = '`nslab down` and `nslab up` make the lab again; when memory ran out, `dmesg` says so'
  throw new LabError('KERNEL_REFUSED', message, { cause, hint })
}

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
    throw isSilent(error) ? withHint(error as KernelError, keeper) : error
  }
  return reports
}

/** The same failure, with what the user can do about it. */
function withHint(cause: KernelError, { pid }: WireKeeper): KernelError {
  const { step, operation, target, errno } = cause
  const hint = `\`ps -o pid,stat,args ${pid} --ppid ${pid}\` shows the lab's keeper and its wire: T means stopped, and \`kill -CONT PID\` continues it`
  return new KernelError({ step, operation, target, errno, hint }, { cause })
}
