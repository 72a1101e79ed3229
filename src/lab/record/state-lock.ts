// The lock of a state directory. Labs are claimed and removed under it, one at a time. Nothing here reads or changes a lab.
import { closeSync, fstatSync, lstatSync, openSync, rmdirSync } from 'node:fs'
import { constants } from 'node:os'
import { KernelError } from '../../errors.js'
import { ABSENT, attempt, attemptIf, FORBIDDEN } from '../../kernel/attempt.js'
import { flock } from '../../kernel/libc.js'
import { isDefaultStateDirectory } from './state-directory.js'

/**
 * Runs `action` with the state directory locked; waits for the lock. A state directory that nslab itself chose is removed
 * afterwards if it is empty. A process that waited for the lock of a removed directory tries again with the new one.
 *
 * @returns what `action` returns; null when there is no such directory
 * @throws KernelError when the directory cannot be opened, and whatever `action` throws.
 */
export function withStateLock<T>(stateDirectory: string, action: () => T): T | null {
  for (;;) {
    const fd = openDirectory(stateDirectory)
    if (fd === null) return null
    try {
      flock(fd, { exclusive: true, wait: true })
      if (isAt(stateDirectory, fd)) return action()
    } finally {
      // The lock is still held, so no other process has begun anything in the directory.
      if (isDefaultStateDirectory(stateDirectory) && isAt(stateDirectory, fd)) removeIfEmpty(stateDirectory)
      closeSync(fd)
    }
  }
}

function openDirectory(path: string): number | null {
  try {
    return attempt('open the state directory', path, () => openSync(path, 'r'))
  } catch (error) {
    if (error instanceof KernelError && error.errno === constants.errno.ENOENT) return null
    throw error
  }
}

/** Whether the path still leads to the directory that is open as `fd`. */
function isAt(path: string, fd: number): boolean {
  const [opened, there] = [fstatSync(fd), lstatSync(path, { throwIfNoEntry: false })]
  return opened.ino === there?.ino && opened.dev === there.dev
}

function removeIfEmpty(path: string): void {
  const kept = [constants.errno.ENOTEMPTY, constants.errno.EBUSY, ...ABSENT, ...FORBIDDEN]
  attemptIf(kept, 'remove', path, () => rmdirSync(path))
}
