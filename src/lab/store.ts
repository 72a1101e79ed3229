// The labs on disk: claiming a name, finding what is there, telling the living from the dead. A lab is alive exactly
// while its lock is held; the keeper holds it for life.
import { closeSync, constants, lstatSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { LabError, systemErrorText } from '../errors.js'
import { attempt } from '../kernel/attempt.js'
import { flock } from '../kernel/libc.js'
import { removeLabCgroup } from './cgroup.js'
import { isLabDirectory, makeLabDirectory, removeLabDirectory, removeUnfinished } from './lab-directory.js'
import { removeNetnsNames } from './netns-names.js'
import { ensurePlace, placeExists, statePlaces } from './place.js'
import { type LabState, readState } from './state.js'

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
  ensurePlace(place)
  return withPlaceLock(place, () => {
    const found = recordOf(place, name)
    if (found?.alive) throw labExists(name)
    if (found && hasDevices(found)) throw unreturned(found)
    if (found) removeFiles(found)
    const directory = join(place, name)
    if (lstatSync(directory, { throwIfNoEntry: false })) throw notALab(directory, name)
    return attempt('claim the lab', directory, () => ({ directory, lockFd: makeLabDirectory(directory) }))
  })
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
    return withPlaceLock(place, () => {
      const records = readdirSync(place).map((name) => (LAB_NAME.test(name) ? recordOf(place, name) : null))
      return records.filter((record) => record !== null && !record.alive && hasDevices(record)) as LabRecord[]
    })
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
 * @throws LabError CLEANUP_INCOMPLETE when something could not be removed.
 */
export function removeDeadLab(directory: string, name: string): void {
  const place = join(directory, '..')
  withPlaceLock(place, () => {
    const record = recordOf(place, name)
    if (record && !record.alive) removeFiles(record)
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
  if (!placeExists(place) || readdirSync(place).length === 0) return sweep
  return withPlaceLock(place, () => {
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
    return sweep
  })
}

function recordOf(place: string, name: string): LabRecord | null {
  const directory = join(place, name)
  const stats = lstatSync(directory, { throwIfNoEntry: false })
  if (!stats?.isDirectory() || !isLabDirectory(directory)) return null
  return { name, directory, owner: stats.uid, alive: isLocked(join(directory, 'lock')), state: readState(directory) }
}

const hasDevices = ({ state }: LabRecord): boolean => (state?.devices?.length ?? 0) > 0

function unreturned({ name, state }: LabRecord): LabError {
  const names = state?.devices?.map(({ host }) => host.name).join(', ')
  return new LabError('CLEANUP_INCOMPLETE', `a lab named ${name} died with ${names} of the machine`, {
    hint: '`nslab gc` gives back their names, addresses and state',
  })
}

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

/** @param wait for processes that are still ending */
function removeFiles({ directory, name, state }: LabRecord, { wait } = { wait: true }): void {
  try {
    if (state) removeNetnsNames(state)
    if (state?.cgroup) removeLabCgroup(state.cgroup, name, { wait })
    removeLabDirectory(directory)
  } catch (cause) {
    const why = cause instanceof LabError ? cause.message : systemErrorText(cause)
    throw new LabError('CLEANUP_INCOMPLETE', `lab ${name} is gone, but ${directory} could not be removed: ${why}`, {
      cause,
    })
  }
}

/** Claims and removals happen one at a time: whoever does one holds a lock on the directory of all labs. */
function withPlaceLock<T>(place: string, action: () => T): T {
  const fd = attempt('open the state directory', place, () => openSync(place, 'r'))
  try {
    flock(fd, { exclusive: true, wait: true })
    return action()
  } finally {
    closeSync(fd)
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
