// Removes the files and names of a dead lab. It ends no process and returns no device.
import { dirname } from 'node:path'
import { LabError, systemErrorText } from '../../errors.js'
import { removeLabCgroup } from './cgroup.js'
import { removeLabDirectory } from './lab-directory.js'
import { type LabRecord, readRecord } from './lab-record.js'
import { removeNetnsNames } from './netns-names.js'
import { writeState } from './state.js'
import { withStateLock } from './state-lock.js'
import type { TakenDevice } from './taken-device.js'

/**
 * Removes the files of a lab whose keeper is gone. If a new lab has taken the name meanwhile, it is left alone.
 *
 * @param unreturned devices of the machine that the lab still has; with any, the lab's state stays and names only them
 * @throws LabError CLEANUP_INCOMPLETE when something could not be removed.
 */
export function removeDeadLab(directory: string, name: string, unreturned: readonly TakenDevice[]): void {
  const stateDirectory = dirname(directory)
  withStateLock(stateDirectory, () => {
    const record = readRecord(stateDirectory, name)
    if (!record || record.alive) return
    if (unreturned.length === 0 || !record.state) return removeRecord(record)
    removeNames(record, { wait: true })
    writeState(directory, { ...record.state, cgroup: null, devices: [...unreturned] })
  })
}

/**
 * Removes all that a dead lab left on disk. The caller holds the lock of the state directory.
 *
 * @param wait whether to wait for processes of the lab that are still ending
 * @throws LabError CLEANUP_INCOMPLETE
 */
export function removeRecord(lab: LabRecord, { wait } = { wait: true }): void {
  const { directory, name } = lab
  try {
    removeNames(lab, { wait })
    removeLabDirectory(directory)
  } catch (cause) {
    const why = cause instanceof LabError ? cause.message : systemErrorText(cause)
    throw new LabError('CLEANUP_INCOMPLETE', `lab ${name} is gone, but ${directory} could not be removed: ${why}`, {
      cause,
    })
  }
}

/** Removes what a dead lab has outside its directory: names in /run/netns, and cgroups. */
function removeNames({ name, state }: LabRecord, { wait }: { wait: boolean }): void {
  if (state) removeNetnsNames(state)
  if (state?.cgroup) removeLabCgroup(state.cgroup, name, { wait })
}
