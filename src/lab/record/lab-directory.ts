// One lab's directory: appears with its lock in it and goes as a whole, so that whatever else is in a place, such as in a
// home that somebody gave as NSLAB_STATE_DIR, is never taken for a lab and removed.
import { closeSync, lstatSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { flock } from '../../kernel/libc.js'
import { DIRECTORY_MODE } from './state-directory.js'

/** All that is ever written into one. */
const FILES = new Set(['lock', 'state.json', 'state.json.new', 'private', 'shm'])

/** What is being made or removed has such a name. With the place locked, there is none but of those who were killed. */
const UNFINISHED = /^\.nslab-(?:new|gone)-/

/**
 * Makes a lab's directory, with its lock held. The place must be locked, so that of two, one is the first.
 *
 * @returns the lock's file descriptor, which the caller closes
 * @throws Error with the errno, such as EEXIST
 */
export function makeLabDirectory(directory: string): number {
  const unfinished = join(dirname(directory), `.nslab-new-${basename(directory)}`)
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { mode: DIRECTORY_MODE })
  const lockFd = openSync(join(unfinished, 'lock'), 'wx', 0o600)
  try {
    flock(lockFd, { exclusive: true, wait: false })
    renameSync(unfinished, directory)
    return lockFd
  } catch (error) {
    closeSync(lockFd)
    throw error
  }
}

/** Whether a directory is a lab's: it has a lock, and nothing that is not a lab's. */
export function isLabDirectory(directory: string): boolean {
  try {
    return lstatSync(join(directory, 'lock')).isFile() && readdirSync(directory).every((name) => FILES.has(name))
  } catch {
    return false
  }
}

/** Removes a lab's directory. The place must be locked. */
export function removeLabDirectory(directory: string): void {
  const gone = join(dirname(directory), `.nslab-gone-${basename(directory)}`)
  rmSync(gone, { recursive: true, force: true })
  renameSync(directory, gone)
  rmSync(gone, { recursive: true, force: true })
}

/** Removes what was killed before it had made or removed a directory. The place must be locked. */
export function removeUnfinished(place: string): void {
  for (const name of readdirSync(place).filter((name) => UNFINISHED.test(name)))
    rmSync(join(place, name), { recursive: true, force: true })
}
