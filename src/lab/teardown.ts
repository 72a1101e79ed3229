// Taking a lab away: the one path for `down`, for the rollback of a failed `up`, and for what a dead lab left.
import { killKeeper } from './keeper.js'
import type { ProcessIdentity } from './process.js'
import { removeDeadLab } from './store.js'

export interface Doomed {
  name: string
  directory: string
  /** null when none was started, or when it is not known. */
  keeper: ProcessIdentity | null
}

/**
 * Kills a lab's keeper, and with it all processes and namespaces of the lab; then removes its names and files.
 *
 * @throws LabError CLEANUP_INCOMPLETE when something of it is left.
 */
export function teardown({ name, directory, keeper }: Doomed): void {
  if (keeper) killKeeper(keeper)
  removeDeadLab(directory, name)
}
