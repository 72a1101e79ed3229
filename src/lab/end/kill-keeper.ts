// Kills the keeper of a lab. With it the kernel ends all processes and namespaces of the lab.
import { closeSync } from 'node:fs'
import { constants } from 'node:os'
import { KernelError, LabError } from '../../errors.js'
import { pidfdOpen, pidfdSendSignal, waitPidfd } from '../../kernel/libc.js'
import { isRunning, type ProcessIdentity, uidOf } from '../who/process-identity.js'
import { hintForStuckLab, processesThatDoNotReap } from './unreaped.js'

/** The kernel needs 20–90 ms for 500 nodes. After this time something is stuck, and the user is told. */
const DEATH_TIMEOUT_MS = 30_000

/**
 * Kills a keeper, and returns when it and all processes of its lab have ended. Blocks the thread.
 *
 * @param owner user id of the owner of the lab's directory, to whom the keeper must belong
 * @returns whether it was running
 * @throws LabError STATE_REFUSED when the process belongs to another user, CLEANUP_INCOMPLETE when it does not end.
 */
export function killKeeper(keeper: ProcessIdentity, owner: number): boolean {
  if (!isRunning(keeper)) return false
  const fd = openPidfd(keeper)
  if (fd === null) return false
  try {
    // Another process may have got the PID before the descriptor was opened. From here on, the descriptor is of one process.
    if (!isRunning(keeper)) return false
    const uid = uidOf(keeper.pid)
    // null: an uncommitted keeper may have ended by itself meanwhile, because its creator closed its descriptor.
    if (uid !== null && uid !== owner) throw notOwners(keeper)
    if (uid !== null) kill(fd)
    if (waitPidfd(fd, DEATH_TIMEOUT_MS)) return true
    const hint = hintForStuckLab(processesThatDoNotReap())
    throw new LabError('CLEANUP_INCOMPLETE', `keeper ${keeper.pid} was killed, but has not ended`, { hint })
  } finally {
    closeSync(fd)
  }
}

function kill(pidfd: number): void {
  try {
    pidfdSendSignal(pidfd, constants.signals.SIGKILL)
  } catch (error) {
    const isGone = error instanceof KernelError && error.errno === constants.errno.ESRCH && waitPidfd(pidfd, 0)
    if (!isGone) throw error
  }
}

const notOwners = ({ pid }: ProcessIdentity): LabError =>
  new LabError('STATE_REFUSED', `the lab's state names process ${pid} as its keeper, which belongs to another user`)

/** null when the keeper has ended meanwhile. */
function openPidfd(keeper: ProcessIdentity): number | null {
  try {
    return pidfdOpen(keeper.pid)
  } catch (error) {
    if (error instanceof KernelError && error.errno === constants.errno.ESRCH && !isRunning(keeper)) return null
    throw error
  }
}
