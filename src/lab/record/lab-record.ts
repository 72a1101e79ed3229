// A lab's directory as it is found on disk, and whether the lab is alive. A lab is alive exactly while its lock is held; the
// keeper holds it for life. Nothing here changes a file.
import type { Stats } from 'node:fs'
import { join } from 'node:path'
import { lstatIfThere } from '../../kernel/small-file.js'
import { isRunning, type ProcessIdentity } from '../who/process-identity.js'
import { type FoundKeeper, findKeepers, holdsLockOf, isTitledKeeper, keeperAt, scanOnce } from './find-keeper.js'
import { foreignFiles } from './lab-directory.js'
import { lockStateOf } from './lab-lock.js'
import { LAB_NAME } from './lab-name.js'
import { type ReadState, readState } from './read-state.js'
import type { LabState } from './state.js'

export interface LabRecord extends ReadState {
  name: string
  directory: string
  alive: boolean
  /** User id of the directory's owner. Only processes of this user can belong to the lab. */
  owner: number
  /** null in the first instants of `up`, and when the state file is missing or damaged. */
  state: LabState | null
  /** The lab runs, and its directory was removed. */
  isOrphaned?: true
}

/**
 * Reads the record of a lab; null when the state directory has no lab of this name. The caller holds the lock of the state
 * directory: whether a lab is alive is found out by taking its lock for a moment, and a claim at that moment would fail.
 *
 * @param keepers finds the keepers of the caller's labs, if they are needed
 * @throws KernelError when it cannot be found out whether the lab is alive
 */
export function readRecord(stateDirectory: string, name: string, keepers = scanOnce()): LabRecord | null {
  if (!LAB_NAME.test(name)) return null
  const directory = join(stateDirectory, name)
  const stats = lstatIfThere(directory)
  if (!stats?.isDirectory() || !isSearchable(stats)) return null
  const read = readState(directory)
  const alive = isAlive(directory, read.state, keepers)
  return alive === null ? null : { name, directory, owner: stats.uid, alive, ...read }
}

/** Whether this user can enter a directory of its own, as that of every lab. Any other directory is none. */
const isSearchable = ({ uid, mode }: Stats): boolean =>
  process.geteuid?.() === 0 || (uid === process.geteuid?.() && (mode & 0o500) === 0o500)

/**
 * Whether the lab of a directory is alive; null when the directory is not that of a lab: it may be any directory of the user,
 * with a file named `lock`.
 */
function isAlive(directory: string, state: LabState | null, keepers: () => FoundKeeper[]): boolean | null {
  const lock = lockStateOf(directory)
  const isOwnState = state !== null && directory.endsWith(`/${state.lab}`)
  const isLabs = isOwnState || (lock !== 'missing' && foreignFiles(directory).length === 0)
  if (lock === 'held' && isLabs) return true
  // The lock may have been removed while the keeper held it, and another file of its name be there.
  if (keepers().some((each) => holdsLockOf(each, directory))) return true
  return isLabs ? false : null
}

/**
 * The process that holds the lock of a lab, whatever the state file says. @throws KernelError
 *
 * @returns null when no keeper of this user holds it: the builder does in the first instants of `up`, and a keeper in another
 * PID namespace cannot be seen
 */
export const keeperOf = ({ directory, state }: Pick<LabRecord, 'directory' | 'state'>): ProcessIdentity | null =>
  (state && keeperHolds(directory, state)) ??
  findKeepers().find((each) => holdsLockOf(each, directory)) ??
  (state && unseenKeeper(directory, state))

/**
 * The keeper that the state names, where the kernel lets nobody here examine its descriptors, as from another user namespace of
 * the same user: while the lock is held, a process of the lab's name that started when the state says is its keeper.
 */
const unseenKeeper = (directory: string, { keeper, lab }: LabState): ProcessIdentity | null =>
  lockStateOf(directory) === 'held' && isRunning(keeper) && isTitledKeeper(keeper.pid, lab) ? keeper : null

function keeperHolds(directory: string, { keeper }: LabState): FoundKeeper | null {
  const found = keeperAt(keeper.pid)
  return found && holdsLockOf(found, directory) ? found : null
}

/** Whether the lab's state names devices that were taken from the machine and are not recorded as returned. */
export const hasDevices = ({ state }: LabRecord): boolean => (state?.devices?.length ?? 0) > 0

/** One sentence about a dead lab and the devices that it has not given back to the machine. */
export const unreturnedText = ({ name, state }: LabRecord): string => {
  const devices = state?.devices?.map(({ host }) => host.name).join(', ')
  return `a lab named ${name} has ended without giving back ${devices} to the machine`
}

export const UNRETURNED_HINT = '`nslab gc` gives back their names, addresses and state'
