// The keeper, PID 1 of a lab's PID namespace: starting it, committing to it, and ending it with everything inside.
import { closeSync, readSync, writeSync } from 'node:fs'
import { constants } from 'node:os'
import { KernelError, LabError } from '../../errors.js'
import { hasHungUp, pidfdOpen, pidfdSendSignal, socketpair, unlock, waitPidfd } from '../../kernel/libc.js'
import { FIRST_FD, runShim } from '../../kernel/shim.js'
import { isRunning, type ProcessIdentity, uidOf } from '../who/process-identity.js'

/** The kernel needs 20–90 ms for 500 nodes; far beyond that something is stuck, and the user must hear of it. */
const DEATH_TIMEOUT_MS = 30_000

const NOT_REAPED =
  'a process of the lab hangs in the kernel, or has ended and PID 1 of this machine does not reap it: give a container ' +
  'an init, as `docker run --init` does, and run `nslab down` again'

/** A keeper that is not committed yet: it dies when `creatorFd`, and every copy of it, is closed. */
export interface FreshKeeper extends ProcessIdentity {
  /** Our end of the socket pair; whoever started the keeper closes it. */
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
    // One that is ending has closed its end of the socket, and perhaps not yet this.
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

/** A shim that is ended has perhaps made the keeper, and not said so. Has it end, and waits until it does. */
function endUnknown(creatorFd: number): void {
  try {
    writeSync(creatorFd, 'release')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  }
  hasHungUp(creatorFd, DEATH_TIMEOUT_MS)
}

/** Words that tell the shim whose namespaces to join. */
export const keeperArguments = ({ pid, startTime }: ProcessIdentity): string[] => [
  ...['--keeper', String(pid)],
  ...['--start-time', String(startTime)],
]

/** Tells the keeper that the lab stands: from now on it outlives its creator. Closes nothing. */
export function commitKeeper({ creatorFd }: FreshKeeper): void {
  writeSync(creatorFd, 'commit')
  const answer = Buffer.alloc(64)
  const length = readSync(creatorFd, answer)
  if (answer.toString('latin1', 0, length) !== 'committed') {
    throw new LabError('INTERNAL', 'the keeper ended before the lab was committed')
  }
}

/** Whether a keeper that its creator has not let go of has ended nevertheless: its end of the socket pair is closed. */
export const hasEnded = ({ creatorFd }: FreshKeeper): boolean => hasHungUp(creatorFd)

/**
 * Kills a keeper, and with it every process and namespace of its lab; returns once all of them are gone.
 *
 * @param owner user id of the lab's directory: a process of somebody else's is no keeper of it
 * @throws LabError CLEANUP_INCOMPLETE when it does not go.
 */
export function killKeeper(keeper: ProcessIdentity, owner: number): void {
  if (!isRunning(keeper)) return
  const fd = openPidfd(keeper.pid)
  if (fd === null) return
  try {
    // The descriptor may belong to a process that took the PID meanwhile; once it is open, that can be seen.
    if (!isRunning(keeper)) return
    const uid = uidOf(keeper.pid)
    // One that is not committed ends by itself, at any moment, when its creator lets go of it.
    if (uid !== null && uid !== owner) throw notTheirs(keeper)
    if (uid !== null) kill(fd)
    if (waitPidfd(fd, DEATH_TIMEOUT_MS)) return
    throw new LabError('CLEANUP_INCOMPLETE', `keeper ${keeper.pid} was killed, but has not ended`, { hint: NOT_REAPED })
  } finally {
    closeSync(fd)
  }
}

function kill(pidfd: number): void {
  try {
    pidfdSendSignal(pidfd, constants.signals.SIGKILL)
  } catch (error) {
    if (!(error instanceof KernelError && error.errno === constants.errno.ESRCH)) throw error
  }
}

const notTheirs = ({ pid }: ProcessIdentity): LabError =>
  new LabError('STATE_REFUSED', `the lab's state names process ${pid} as its keeper, which is somebody else's`)

function openPidfd(pid: number): number | null {
  try {
    return pidfdOpen(pid)
  } catch (error) {
    if (error instanceof KernelError && error.errno === constants.errno.ESRCH) return null
    throw error
  }
}
