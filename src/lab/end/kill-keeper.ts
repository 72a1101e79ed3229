// Ends a lab's keeper, and with it everything inside.
import { closeSync } from 'node:fs'
import { constants } from 'node:os'
import { KernelError, LabError } from '../../errors.js'
import { pidfdOpen, pidfdSendSignal, waitPidfd } from '../../kernel/libc.js'
import { isRunning, type ProcessIdentity, uidOf } from '../who/process-identity.js'

/** The kernel needs 20–90 ms for 500 nodes; far beyond that something is stuck, and the user must hear of it. */
const DEATH_TIMEOUT_MS = 30_000

const NOT_REAPED =
  'a process of the lab hangs in the kernel, or has ended and PID 1 of this machine does not reap it: give a container ' +
  'an init, as `docker run --init` does, and run `nslab down` again'

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
