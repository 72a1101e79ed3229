// Makes and removes the directory of a lab, each in one atomic rename: it appears with its lock and disappears as a whole. So
// other files in a state directory, for example in a home directory given as NSLAB_STATE_DIR, are never taken for a lab and
// removed.
import { closeSync, fchmodSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { constants } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { attempt, attemptIf, FORBIDDEN } from '../../kernel/attempt.js'
import { flock } from '../../kernel/libc.js'
import { makeDirectory } from '../../kernel/make-directory.js'
import { DIRECTORY_MODE } from './state-directory.js'

/** The names of all files that nslab writes into a lab's directory. */
const FILES = new Set([
  ...['lock', 'state.json', 'state.json.new', 'private', 'shm'],
  ...['applied.json', 'applied.json.new', 'last-look.json', 'last-look.json.new', 'turn.json'],
])

const LOCK_MODE = 0o600

/** A directory of another user below stays, and what it is in: rmdir(2) of that says ENOTEMPTY, of a mount point EBUSY. */
const NOT_REMOVABLE = [...FORBIDDEN, constants.errno.ENOTEMPTY, constants.errno.EBUSY]

/** A half-made or half-removed directory. While the state directory is locked, any such entry was left by a killed process. */
const UNFINISHED = /^\.nslab-(?:new|gone)-/

/**
 * Makes a lab's directory and takes its lock. The caller holds the lock of the state directory, so no other process makes the
 * same directory at the same time.
 *
 * @returns the descriptor of the lock file, which the caller closes; the lock is held until its last copy is closed
 * @throws KernelError with the errno, such as ENOSPC
 */
export function makeLabDirectory(directory: string): number {
  const unfinished = freePath(join(dirname(directory), `.nslab-new-${basename(directory)}`))
  try {
    return attempt('claim the lab', directory, () => {
      makeDirectory(unfinished, DIRECTORY_MODE)
      return lockedAt(unfinished, directory)
    })
  } catch (error) {
    remove(unfinished)
    throw error
  }
}

/** Makes and takes the lock in a directory that is not finished, and gives the directory its name. */
function lockedAt(unfinished: string, directory: string): number {
  const fd = openSync(join(unfinished, 'lock'), 'wx', LOCK_MODE)
  try {
    fchmodSync(fd, LOCK_MODE)
    flock(fd, { exclusive: true, wait: false })
    renameSync(unfinished, directory)
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** Removes a file or a directory with all that is in it; does nothing when there is none. @throws KernelError */
const remove = (path: string): void => attempt('remove', path, () => rmSync(path, { recursive: true, force: true }))

/** The names in a directory. @throws KernelError */
export const namesIn = (directory: string): string[] => attempt('list', directory, () => readdirSync(directory))

/** Names in a directory that nslab does not write into that of a lab. */
export const foreignFiles = (directory: string): string[] => namesIn(directory).filter((name) => !FILES.has(name))

/**
 * Removes a lab's directory. Files in it that are not nslab's stay, and so does the directory then. The caller holds the lock
 * of the state directory.
 *
 * @returns the names of the files that stay
 * @throws KernelError
 */
export function removeLabDirectory(directory: string): string[] {
  const foreign = foreignFiles(directory)
  if (foreign.length > 0) {
    for (const name of FILES) remove(join(directory, name))
    return foreign
  }
  const gone = freePath(join(dirname(directory), `.nslab-gone-${basename(directory)}`))
  attempt('remove', directory, () => renameSync(directory, gone))
  remove(gone)
  return []
}

/** The path, or one with a number behind it when something is there that this user cannot remove. @throws KernelError */
function freePath(path: string): string {
  for (let number = 0; ; number++) {
    const tried = number === 0 ? path : `${path}.${number}`
    if (removeIfAllowed(tried)) return tried
  }
}

/**
 * Removes directories that killed processes left half-made or half-removed. The caller holds the state directory's lock.
 *
 * @returns the paths of those that cannot be removed, since they contain directories of other users
 * @throws KernelError
 */
export function removeUnfinished(stateDirectory: string): string[] {
  return namesIn(stateDirectory)
    .filter((name) => UNFINISHED.test(name))
    .map((name) => join(stateDirectory, name))
    .filter((path) => !removeIfAllowed(path))
}

/** @returns false when something is there that this user cannot remove */
const removeIfAllowed = (path: string): boolean =>
  attemptIf(NOT_REMOVABLE, 'remove', path, () => {
    rmSync(path, { recursive: true, force: true })
    return true
  }) ?? false
