// The lock of a state directory. Labs are claimed and removed under it, one at a time. Nothing here reads or changes a lab.
import { closeSync, fstatSync, openSync, rmdirSync } from 'node:fs'
import { constants } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { LabError } from '../../errors.js'
import { attempt, attemptIf } from '../../kernel/attempt.js'
import { flock } from '../../kernel/libc.js'
import { lstatIfThere } from '../../kernel/small-file.js'
import { isDefaultStateDirectory } from './state-directory.js'

/** Another command holds the lock for milliseconds; one that removes cgroups which are in use, for a second each. */
const TIMEOUT_MS = 30_000
const PAUSE_MS = 2

/**
 * Runs `action` with the state directory locked. It waits for the lock and blocks the thread meanwhile, so that no handler of a
 * signal runs. A state directory that nslab itself chose is removed afterwards if it is empty.
 *
 * @returns what `action` returns; null when there is no such directory
 * @throws KernelError when the directory cannot be opened, LabError STATE_REFUSED when it stays locked, and whatever `action`
 * throws.
 */
export function withStateLock<T>(stateDirectory: string, action: () => T): T | null {
  for (const deadline = performance.now() + TIMEOUT_MS; ; ) {
    const outcome = tryLocked(stateDirectory, action)
    if (outcome) return outcome.result
    if (performance.now() > deadline) throw staysLocked(stateDirectory)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
  }
}

/**
 * The same, but lets the event loop run while it waits for the lock.
 *
 * @throws as `withStateLock`; the signal's reason when aborted while it waits
 */
export async function whenStateLocked<T>(
  stateDirectory: string,
  action: () => T,
  signal: AbortSignal | undefined,
): Promise<T | null> {
  for (const deadline = performance.now() + TIMEOUT_MS; ; ) {
    const outcome = tryLocked(stateDirectory, action)
    if (outcome) return outcome.result
    if (performance.now() > deadline) throw staysLocked(stateDirectory)
    await setTimeout(PAUSE_MS)
    signal?.throwIfAborted()
  }
}

/** Runs `action` if the lock is free. @returns null when it is not, or when the locked directory is no longer at its path */
function tryLocked<T>(stateDirectory: string, action: () => T): { result: T | null } | null {
  const fd = openDirectory(stateDirectory)
  if (fd === null) return { result: null }
  try {
    if (!flock(fd, { exclusive: true, wait: false }) || !isAt(stateDirectory, fd)) return null
    try {
      return { result: action() }
    } finally {
      removeIfUnused(stateDirectory, fd)
    }
  } finally {
    closeSync(fd)
  }
}

const staysLocked = (path: string): LabError =>
  new LabError('STATE_REFUSED', `another process has locked ${path} for ${TIMEOUT_MS / 1000} s`, {
    hint: `\`fuser -v ${path}\` names the process, such as a nslab command that is stopped: continue it or end it`,
  })

const openDirectory = (path: string): number | null =>
  attemptIf([constants.errno.ENOENT], 'open the state directory', path, () => openSync(path, 'r'))

/** Whether the path still leads to the directory that is open as `fd`. */
function isAt(path: string, fd: number): boolean {
  const opened = attempt('examine', path, () => fstatSync(fd))
  const there = lstatIfThere(path)
  return opened.ino === there?.ino && opened.dev === there.dev
}

/**
 * Removes a state directory that nslab itself chose, if it is empty. The lock is still held, so no other process has begun
 * anything in it. A failure does no harm, and must not take the place of what was done under the lock.
 */
function removeIfUnused(path: string, fd: number): void {
  try {
    if (isDefaultStateDirectory(path) && isAt(path, fd)) rmdirSync(path)
  } catch {
    // It stays until the next command.
  }
}
