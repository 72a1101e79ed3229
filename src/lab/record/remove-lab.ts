// Removes the files and names of a dead lab. It ends no process and returns no device.
import { dirname } from 'node:path'
import { LabError, systemErrorText } from '../../errors.js'
import { lstatIfThere } from '../../kernel/small-file.js'
import type { ProcessIdentity } from '../who/process-identity.js'
import { labCgroupPath, labCgroupsHere, removeLabCgroup } from './cgroup.js'
import { isTitledKeeper } from './find-keeper.js'
import { removeLabDirectory } from './lab-directory.js'
import { type LabRecord, readRecord } from './lab-record.js'
import { removeNetnsNames } from './netns-names.js'
import { writeState } from './state.js'
import { withStateLock } from './state-lock.js'
import type { TakenDevice } from './taken-device.js'

/** A lab that has been ended. */
export interface DeadLab {
  name: string
  directory: string
  /** The process that was the keeper; null when none was started. */
  keeper: ProcessIdentity | null
  /** Whether the keeper ran until now, so that the directory is the lab's whatever is left in it. */
  wasRunning: boolean
}

/**
 * Removes the files of a lab whose keeper is gone. If a new lab has taken the name meanwhile, it is left alone.
 *
 * @param unreturned devices of the machine that the lab still has; with any, the lab's state stays and names only them
 * @throws LabError CLEANUP_INCOMPLETE when something could not be removed.
 */
export function removeDeadLab(
  { name, directory, keeper, wasRunning }: DeadLab,
  unreturned: readonly TakenDevice[],
): void {
  const stateDirectory = dirname(directory)
  const hadState = withStateLock(stateDirectory, () => {
    const found = readRecord(stateDirectory, name)
    if (found?.alive && isOf(found, keeper)) throw stillAlive(found)
    const record = found ?? (wasRunning ? leftOver(name, directory) : null)
    if (record && !record.alive) removeOrKeep(record, unreturned)
    return record?.state != null
  })
  if (keeper && wasRunning && hadState !== true) removeNamesOf(name, keeper)
}

/** Removes a dead lab, but for the record of devices that were not returned. */
function removeOrKeep(record: LabRecord, unreturned: readonly TakenDevice[]): void {
  const { directory, state } = record
  if (unreturned.length === 0 || !state) {
    removeRecord(record)
    return
  }
  removeNames(record, { wait: true })
  writeState(directory, { ...state, cgroup: null, devices: [...unreturned] })
}

/** Removes what a lab has outside its directory when no state says it: names and cgroups that have its keeper's PID. */
function removeNamesOf(name: string, { pid }: ProcessIdentity): void {
  removeNetnsNames(name, pid)
  const cgroup = labCgroupPath(name, pid)
  if (cgroup !== null) removeLabCgroup(cgroup, name)
}

/** What is left of a lab whose lock and state had been removed before it ended; null when its directory had been, too. */
const leftOver = (name: string, directory: string): LabRecord | null =>
  lstatIfThere(directory)?.isDirectory()
    ? { name, directory, owner: process.geteuid?.() ?? 0, alive: false, state: null, damage: null }
    : null

/** Whether a living lab is the one that had this keeper, not a new one of its name. */
const isOf = ({ state, damage }: LabRecord, keeper: ProcessIdentity | null): boolean =>
  state === null ? damage !== null : state.keeper.pid === keeper?.pid && state.keeper.startTime === keeper.startTime

const stillAlive = ({ name, directory }: LabRecord): LabError =>
  new LabError('CLEANUP_INCOMPLETE', `lab ${name} is not down: a process still holds ${directory}/lock`, {
    hint: `\`fuser -v ${directory}/lock\` names the process; end it, and run \`nslab down ${name}\` again`,
  })

/**
 * Removes all that a dead lab left on disk. The caller holds the lock of the state directory.
 *
 * @param wait whether to wait for processes of the lab that are still ending
 * @throws LabError CLEANUP_INCOMPLETE
 */
export function removeRecord(lab: LabRecord, { wait } = { wait: true }): void {
  const { directory, name } = lab
  let foreign: string[]
  try {
    removeNames(lab, { wait })
    foreign = removeLabDirectory(directory)
  } catch (cause) {
    const why = cause instanceof LabError ? cause.message : systemErrorText(cause)
    throw new LabError('CLEANUP_INCOMPLETE', `lab ${name} is gone, but ${directory} could not be removed: ${why}`, {
      cause,
      hint: `\`sudo rm -r ${directory}\` removes it`,
    })
  }
  if (foreign.length === 0) return
  const files = `${foreign[0]}${foreign.length > 1 ? ` and ${foreign.length - 1} more files` : ''}`
  throw new LabError('CLEANUP_INCOMPLETE', `lab ${name} is gone, but ${directory} has ${files}, not written by nslab`, {
    hint: `\`rm -r ${directory}\` removes them`,
  })
}

/** Removes what a dead lab has outside its directory: names in /run/netns, and cgroups. */
function removeNames({ name, state }: LabRecord, { wait }: { wait: boolean }): void {
  if (state && !state.rootless) removeNetnsNames(name, state.keeper.pid)
  if (state?.cgroup) removeLabCgroup(state.cgroup, name, { wait })
  if (state !== null) return
  // The state may be damaged or gone. A lab of this name may run in another state directory: its keeper lives.
  for (const { path, lab, keeperPid } of labCgroupsHere())
    if (lab === name && !isTitledKeeper(keeperPid, name)) removeLabCgroup(path, name, { wait })
}
