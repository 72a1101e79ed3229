// Taking a lab away: the one path for `down`, for the rollback of a failed `up`, and for what a dead lab left.

import { removeForeignDirectory } from '../record/other-users-labs.js'
import { removeDeadLab } from '../record/store.js'
import type { TakenDevice } from '../record/taken-device.js'
import type { ProcessIdentity } from '../who/process-identity.js'
import { killKeeper } from './kill-keeper.js'

export interface EndedLab {
  name: string
  directory: string
  /** null when none was started, or when it is not known. */
  keeper: ProcessIdentity | null
  /** User id of the directory's owner. */
  owner: number
  /** Devices of the machine's that did not come back: the record of them stays. None by default. */
  lost?: readonly TakenDevice[]
}

/**
 * Kills a lab's keeper, and with it all processes and namespaces of the lab; then removes its names and files.
 *
 * @throws LabError CLEANUP_INCOMPLETE when something of it is left.
 */
export function erase({ name, directory, keeper, owner, lost = [] }: EndedLab): void {
  if (keeper) killKeeper(keeper, owner)
  if (owner === process.geteuid?.()) removeDeadLab(directory, name, lost)
  else removeForeignDirectory(directory, owner)
}
