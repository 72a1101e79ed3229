// A lab's directory as it is found on disk, and whether the lab is alive. A lab is alive exactly while its lock is held; the
// keeper holds it for life. Nothing here changes a file.
import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { isLabDirectory } from './lab-directory.js'
import { lockStateOf } from './lab-lock.js'
import { type LabState, readState } from './state.js'

export interface LabRecord {
  name: string
  directory: string
  alive: boolean
  /** User id of the directory's owner. Only processes of this user can belong to the lab. */
  owner: number
  /** null in the first instants of `up`. */
  state: LabState | null
}

export const LAB_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/

/**
 * Reads the record of a lab; null when the state directory has no lab of this name. The caller holds the lock of the state
 * directory: whether a lab is alive is found out by taking its lock for a moment, and a claim at that moment would fail.
 */
export function readRecord(stateDirectory: string, name: string): LabRecord | null {
  if (!LAB_NAME.test(name)) return null
  const directory = join(stateDirectory, name)
  const stats = lstatSync(directory, { throwIfNoEntry: false })
  if (!stats?.isDirectory() || !isLabDirectory(directory)) return null
  return { name, directory, owner: stats.uid, alive: lockStateOf(directory) === 'held', state: readState(directory) }
}

/** Whether the lab's state names devices that were taken from the machine and are not recorded as returned. */
export const hasDevices = ({ state }: LabRecord): boolean => (state?.devices?.length ?? 0) > 0

/** One sentence about a dead lab and the devices that it has not given back to the machine. */
export const unreturnedText = ({ name, state }: LabRecord): string => {
  const devices = state?.devices?.map(({ host }) => host.name).join(', ')
  return `a lab named ${name} has ended without giving back ${devices} to the machine`
}

export const UNRETURNED_HINT = '`nslab gc` gives back their names, addresses and state'
