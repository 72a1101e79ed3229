// Ends and removes a lab. `down` and the rollback of a failed `up` both use it, so that there is only one way to remove a lab.

import { removeOtherUsersDirectory } from '../record/other-users-labs.js'
import { removeDeadLab } from '../record/remove-lab.js'
import type { TakenDevice } from '../record/taken-device.js'
import type { ProcessIdentity } from '../who/process-identity.js'
import { killKeeper } from './kill-keeper.js'

/** A lab that is to be removed. */
export interface EndedLab {
  name: string
  directory: string
  /** null when no keeper was started. */
  keeper: ProcessIdentity | null
  /** User id of the directory's owner. */
  owner: number
  /** Devices of the machine that were not returned: their record is kept. None by default. */
  unreturned?: readonly TakenDevice[]
}

/**
 * Kills a lab's keeper, and with it all processes and namespaces of the lab; then removes its names and files.
 *
 * @throws LabError CLEANUP_INCOMPLETE when something is left, STATE_REFUSED as `killKeeper`.
 */
export function erase({ name, directory, keeper, owner, unreturned = [] }: EndedLab): void {
  const wasRunning = keeper !== null && killKeeper(keeper, owner)
  if (owner === process.geteuid?.()) removeDeadLab({ name, directory, keeper, wasRunning }, unreturned)
  else removeOtherUsersDirectory(directory, owner)
}
