// The keeper, PID 1 of a lab's PID namespace: starting it and committing to it. Ending it is in end/kill-keeper.ts.
import { closeSync, readSync, writeSync } from 'node:fs'
import { LabError } from '../../errors.js'
import { attempt } from '../../kernel/attempt.js'
import { hasHungUp, socketpair, unlock } from '../../kernel/libc.js'
import { FIRST_FD, runShim } from '../../kernel/shim.js'
import type { ProcessIdentity } from '../who/process-identity.js'

/** The kernel needs 20–90 ms for 500 nodes; after this long, something is stuck. */
const DEATH_TIMEOUT_MS = 30_000

/** A keeper that is not committed yet: it exits when `creatorFd` and every copy of it is closed. */
export interface FreshKeeper extends ProcessIdentity {
  /** The creator's end of the socket pair; the caller of `startKeeper` closes it. */
  creatorFd: number
}

/**
 * Starts a lab's keeper, which inherits the lab's lock and holds it for life; on failure, the lock is free.
 *
 * @throws KernelError when a namespace cannot be made.
 */
export async function startKeeper(lab: string, lockFd: number, signal: AbortSignal | undefined): Promise<FreshKeeper> {
  const [creatorFd, keeperFd] = socketpair()
  try {
    return { ...(await madeKeeper(lab, [lockFd, keeperFd], signal)), creatorFd }
  } catch (error) {
    endUnknown(creatorFd)
    // A keeper that is ending closes its end of the socket first, and its copy of the lock later.
    unlock(lockFd)
    closeSync(creatorFd)
    throw error
  }
}

/** @param fds the lock's, and the keeper's end of its socket, which is closed. */
async function madeKeeper(
  lab: string,
  fds: [lockFd: number, keeperFd: number],
  signal: AbortSignal | undefined,
): Promise<ProcessIdentity> {
  try {
    let keeper: ProcessIdentity | undefined
    await runShim({
      verb: 'lab',
      args: ['--name', lab, '--lock', String(FIRST_FD), '--creator', String(FIRST_FD + 1)],
      fds,
      onReport: (report) => {
        keeper = report.keeper as ProcessIdentity
      },
      signal,
    })
    if (!keeper) throw new LabError('INTERNAL', 'nslab-shim lab reported no keeper')
    return { pid: keeper.pid, startTime: keeper.startTime }
  } finally {
    closeSync(fds[1])
  }
}

/** Ends a keeper that a killed shim may have made without reporting it, and waits until it has ended. */
function endUnknown(creatorFd: number): void {
  try {
    writeSync(creatorFd, 'release')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  }
  hasHungUp(creatorFd, DEATH_TIMEOUT_MS)
}

/** Tells the keeper that the lab is complete: from now on it outlives its creator. Closes nothing. @throws KernelError */
export function commitKeeper({ creatorFd }: FreshKeeper): void {
  const answer = Buffer.alloc(64)
  const length = attempt('commit', 'keeper', () => {
    writeSync(creatorFd, 'commit')
    return readSync(creatorFd, answer)
  })
  if (answer.toString('latin1', 0, length) !== 'committed') {
    throw new LabError('INTERNAL', 'the keeper ended before the lab was committed')
  }
}

/** Whether a keeper has ended although its creator still holds `creatorFd`: its end of the socket pair is closed then. */
export const hasEnded = ({ creatorFd }: FreshKeeper): boolean => hasHungUp(creatorFd)
