// The wire of a lab: the process that carries frames between the ends of links (native-shim/README.md, "wire"). It is started
// by the keeper, and is reached through the keeper.

import { KernelError, LabError } from '../../errors.js'
import { FIRST_FD, runShim, type ShimReport } from '../../kernel/shim.js'
import { keeperArguments, type ProcessIdentity } from '../who/process-identity.js'

/** A keeper, and the creator's end of its socket while the lab is built. */
export type WireKeeper = ProcessIdentity & { creatorFd?: number }

/**
 * Makes the keeper start the wire; does nothing when there is one.
 *
 * @param rootId the user and group id, in this process's user namespace, that the wire has
 * @returns the number of the keeper's descriptor of the wire's network namespace
 * @throws KernelError
 */
export async function startWire(keeper: WireKeeper, rootId: number): Promise<number> {
  const [report] = await callWire(keeper, ['start', String(rootId)])
  const { netnsFd } = (report?.wire ?? {}) as { netnsFd?: number }
  if (netnsFd === undefined) throw new LabError('INTERNAL', 'nslab-shim wire did not report the network of the wire')
  return netnsFd
}

/**
 * Sends one request to the wire, which carries it out as a whole or not at all.
 *
 * @returns the reports of the wire
 * @throws KernelError when the wire cannot be reached; LabError KERNEL_REFUSED when it refuses the request.
 */
export async function tellWire(keeper: WireKeeper, words: readonly string[]): Promise<ShimReport[]> {
  const reports = await callWire(keeper, words).catch(explain)
  const refusal = reports.find((report) => typeof report.refused === 'string')
  if (refusal) throw new LabError('KERNEL_REFUSED', `the wire refused a request: ${refusal.refused}`)
  return reports
}

/** Whether the wire has ended for good: the keeper starts it once more, and after that nobody listens. */
export const isEnded = (error: unknown): boolean =>
  error instanceof LabError && error.cause instanceof KernelError && error.cause.step === 'reach-wire'

function explain(cause: unknown): never {
  if (!(cause instanceof KernelError && cause.step === 'reach-wire')) throw cause
  const hint = '`nslab down` and `nslab up` make the lab again'
  throw new LabError('KERNEL_REFUSED', `the wire of this lab has ended, so its links are down: ${cause.message}`, {
    cause,
    hint,
  })
}

async function callWire(keeper: WireKeeper, spec: readonly string[]): Promise<ShimReport[]> {
  const { creatorFd } = keeper
  const reports: ShimReport[] = []
  await runShim({
    verb: 'wire',
    args: [...keeperArguments(keeper), ...(creatorFd === undefined ? [] : ['--creator', String(FIRST_FD)])],
    fds: creatorFd === undefined ? [] : [creatorFd],
    spec,
    onReport: (report) => reports.push(report),
  })
  return reports
}
