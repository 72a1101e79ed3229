// The freezer of cgroup version 2: stops all processes of a cgroup at once, including processes that join it later, and none
// of them can notice (the kernel's cgroup-v2 documentation, "Core Interface Files").
import { constants as files, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { KernelError } from '../errors.js'
import { ABSENT, attempt, attemptIf } from './attempt.js'
import { isAllowed } from './small-file.js'

const TIMEOUT_MS = 5000
const PAUSE_MS = 2

/** Whether a cgroup has a freezer that the caller may use. The freezer of version 1 is not used. */
export const hasFreezer = (cgroup: string): boolean => isAllowed(join(cgroup, 'cgroup.freeze'), files.W_OK)

/** Whether a cgroup is frozen, or is being frozen. @throws KernelError when that cannot be read, also where it may not be */
export function isFrozen(cgroup: string): boolean {
  const path = join(cgroup, 'cgroup.freeze')
  return attemptIf(ABSENT, 'read', path, () => readFileSync(path, 'utf8'))?.trim() === '1'
}

/**
 * Freezes or thaws cgroups, and waits until all of their processes are stopped, or can run again. Blocks the thread, at most
 * 5 seconds.
 *
 * @throws KernelError with the errno; ETIMEDOUT when a process cannot be stopped because it waits for a device.
 */
export function freeze(cgroups: readonly string[], frozen: boolean): void {
  const operation = frozen ? 'freeze cgroup' : 'thaw cgroup'
  for (const cgroup of cgroups)
    attempt(operation, cgroup, () => writeFileSync(join(cgroup, 'cgroup.freeze'), frozen ? '1' : '0'))
  // The kernel freezes them side by side, so the first one takes the longest.
  const deadline = Date.now() + TIMEOUT_MS
  for (const cgroup of cgroups) {
    while (!hasBecome(cgroup, frozen, operation)) {
      if (Date.now() > deadline) throw new KernelError({ operation, target: cgroup, errno: constants.errno.ETIMEDOUT })
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
    }
  }
}

function hasBecome(cgroup: string, frozen: boolean, operation: string): boolean {
  const events = attempt(operation, cgroup, () => readFileSync(join(cgroup, 'cgroup.events'), 'utf8'))
  return new RegExp(`^frozen ${frozen ? 1 : 0}$`, 'm').test(events)
}
