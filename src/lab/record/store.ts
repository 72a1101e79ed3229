// The labs on disk: claiming a name, finding what is there, telling the living from the dead. A lab is alive exactly
// while its lock is held; the keeper holds it for life.

import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, rmdirSync } from 'node:fs'
import { constants as os } from 'node:os'
import { join } from 'node:path'
import { KernelError, LabError, systemErrorText } from '../../errors.js'
import { attempt } from '../../kernel/attempt.js'
import { flock } from '../../kernel/libc.js'
import { removeLabCgroup } from './cgroup.js'
import { isLabDirectory, makeLabDirectory, removeLabDirectory, removeUnfinished } from './lab-directory.js'
import { removeNetnsNames } from './netns-names.js'
import { type LabState, readState, writeState } from './state.js'
import { ensurePlace, isDefaultPlace, placeExists, statePlaces } from './state-directory.js'
import type { TakenDevice } from './taken-device.js'

/** A lab's directory as found on disk. */
export interface LabRecord {
  name: string
  directory: string
  alive: boolean
  /** User id of the directory's owner. Only processes of that user's are the lab's. */
  owner: number
  /** null in the first instants of `up`. */
  state: LabState | null
}

/** A name taken for a new lab. The owner closes `lockFd` once the keeper has inherited it. */
export interface Claim {
  directory: string
  lockFd: number
}

export const LAB_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/

/**
 * Takes a name for a new lab: makes its directory and holds its lock. Whatever a dead lab of that name left is removed.
 *
 * @throws LabError LAB_EXISTS when a lab of that name is alive, STATE_REFUSED when the place cannot be trusted.
 */
export function claimLab(name: string): Claim {
  checkName(name)
  for (const place of statePlaces().slice(1)) {
    if (placeExists(place) && withPlaceLock(place, () => recordOf(place, name)?.alive)) throw labExists(name)
  }
  const place = statePlaces()[0] as string
  for (;;) {
    ensurePlace(place)
    const claim = withPlaceLock(place, () => claimIn(place, name))
    if (claim) return claim
  }
}

function claimIn(place: string, name: string): Claim {
  const found = recordOf(place, name)
  if (found?.alive) throw labExists(name)
  if (found && hasDevices(found)) throw unreturned(found)
  if (found) removeFiles(found)
  const directory = join(place, name)
  if (lstatSync(directory, { throwIfNoEntry: false })) throw notALab(directory, name)
  return attempt('claim the lab', directory, () => ({ directory, lockFd: makeLabDirectory(directory) }))
}

/**
 * Every lab of this user's, in order of name. What dead ones left is removed on the way, where that can be done at once: it
 * is no reason for anybody to wait, or to fail.
 */
export function listLabs(): LabRecord[] {
  const found = statePlaces().flatMap((place) => sweepPlace(place, { wait: false }).alive)
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Dead labs that devices of the machine's own have not come back from. */
export const labsWithDevices = (): LabRecord[] =>
  statePlaces().flatMap((place) => {
    if (!placeExists(place)) return []
    // To ask whether a lab is alive is to have its lock for a moment, and whoever claims it meanwhile would find it taken.
    const found = withPlaceLock(place, () => {
      const records = readdirSync(place).map((name) => (LAB_NAME.test(name) ? recordOf(place, name) : null))
      return records.filter((record) => record !== null && !record.alive && hasDevices(record)) as LabRecord[]
    })
    return found ?? []
  })

/**
 * Removes what dead labs left; returns their names.
 *
 * @throws LabError CLEANUP_INCOMPLETE when something of one could not be removed, after the others are.
 */
export function sweepLabs(): string[] {
  const sweeps = statePlaces().map((place) => sweepPlace(place, { wait: true }))
  const [failure] = sweeps.flatMap(({ failures }) => failures)
  if (failure) throw failure
  return sweeps.flatMap(({ swept }) => swept)
}

/**
 * Removes the files of a lab whose keeper is gone. A lab that somebody has made anew under the name is left alone.
 *
 * @param lost devices of the machine's that it still has: then a record of them is what stays
 * @throws LabError CLEANUP_INCOMPLETE when something could not be removed.
 */
export function removeDeadLab(directory: string, name: string, lost: readonly TakenDevice[]): void {
  const place = join(directory, '..')
  withPlaceLock(place, () => {
    const record = recordOf(place, name)
    if (!record || record.alive) return
    if (lost.length === 0 || !record.state) return removeFiles(record)
    removeNames(record, { wait: true })
    writeState(directory, { ...record.state, cgroup: null, devices: [...lost] })
  })
}

interface Sweep {
  alive: LabRecord[]
  swept: string[]
  failures: LabError[]
}

function sweepPlace(place: string, { wait }: { wait: boolean }): Sweep {
  const sweep: Sweep = { alive: [], swept: [], failures: [] }
  // Locking loads koffi: not for nothing.
  if (!placeExists(place) || namesIn(place).length === 0) return sweep
  withPlaceLock(place, () => {
    removeUnfinished(place)
    for (const name of readdirSync(place)) {
      const record = LAB_NAME.test(name) ? recordOf(place, name) : null
      if (record?.alive) sweep.alive.push(record)
      // What it had of the machine's is written there alone.
      if (!record || record.alive || hasDevices(record)) continue
      try {
        removeFiles(record, { wait })
        sweep.swept.push(name)
      } catch (error) {
        sweep.failures.push(error as LabError)
      }
    }
  })
  return sweep
}

function recordOf(place: string, name: string): LabRecord | null {
  const directory = join(place, name)
  const stats = lstatSync(directory, { throwIfNoEntry: false })
  if (!stats?.isDirectory() || !isLabDirectory(directory)) return null
  return { name, directory, owner: stats.uid, alive: isLocked(join(directory, 'lock')), state: readState(directory) }
}

const hasDevices = ({ state }: LabRecord): boolean => (state?.devices?.length ?? 0) > 0

/** What a lab that died has of the machine's, in a sentence. */
export const deathText = ({ name, state }: LabRecord): string =>
  `a lab named ${name} died with ${state?.devices?.map(({ host }) => host.name).join(', ')} of the machine`

export const DEATH_HINT = '`nslab gc` gives back their names, addresses and state'

const unreturned = (lab: LabRecord): LabError =>
  new LabError('CLEANUP_INCOMPLETE', deathText(lab), { hint: DEATH_HINT })

function isLocked(path: string): boolean {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch {
    return false
  }
  try {
    return !flock(fd, { exclusive: true, wait: false })
  } finally {
    closeSync(fd)
  }
}

/** What is of a dead lab beside its directory. */
function removeNames({ name, state }: LabRecord, { wait }: { wait: boolean }): void {
  if (state) removeNetnsNames(state)
  if (state?.cgroup) removeLabCgroup(state.cgroup, name, { wait })
}

/** @param wait for processes that are still ending */
function removeFiles(lab: LabRecord, { wait } = { wait: true }): void {
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

/**
 * Claims and removals happen one at a time: whoever does one holds a lock on the directory of all labs. Where nslab has
 * chosen that, it goes when it is empty; who waited for its lock then tries again.
 *
 * @returns null when there is no such directory
 */
function withPlaceLock<T>(place: string, action: () => T): T | null {
  for (;;) {
    const fd = openPlace(place)
    if (fd === null) return null
    try {
      flock(fd, { exclusive: true, wait: true })
      if (isAt(place, fd)) return action()
    } finally {
      // Only what is locked is removed, so that nobody has begun anything in it.
      if (isDefaultPlace(place) && isAt(place, fd)) removeIfEmpty(place)
      closeSync(fd)
    }
  }
}

function openPlace(place: string): number | null {
  try {
    return attempt('open the state directory', place, () => openSync(place, 'r'))
  } catch (error) {
    if (error instanceof KernelError && error.errno === os.errno.ENOENT) return null
    throw error
  }
}

/** Whether an open directory still is what the path leads to. */
function isAt(place: string, fd: number): boolean {
  const [opened, there] = [fstatSync(fd), lstatSync(place, { throwIfNoEntry: false })]
  return opened.ino === there?.ino && opened.dev === there.dev
}

function removeIfEmpty(place: string): void {
  try {
    rmdirSync(place)
  } catch {
    // Somebody has a lab there, or something else.
  }
}

/** None where the place has gone meanwhile. */
function namesIn(place: string): string[] {
  try {
    return readdirSync(place)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function checkName(name: string): void {
  if (LAB_NAME.test(name)) return
  throw new LabError('USAGE', `${JSON.stringify(name)} is not a lab name`, {
    hint: 'letters, digits and inner hyphens, at most 63',
  })
}

const notALab = (directory: string, name: string): LabError =>
  new LabError('STATE_REFUSED', `${directory} is there, and is not a lab’s`, {
    hint: `give the lab another name than ${name} with --name, or set NSLAB_STATE_DIR to a directory that has only labs`,
  })

const labExists = (name: string): LabError =>
  new LabError('LAB_EXISTS', `a lab named ${name} runs already`, {
    hint: `take it down with \`nslab down ${name}\`, or give this one another name with --name`,
  })
