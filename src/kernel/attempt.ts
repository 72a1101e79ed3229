// Runs a file operation and turns its failure into a KernelError.
import { constants } from 'node:os'
import { KernelError } from '../errors.js'

/** Runs a file operation of Node.js. @throws KernelError with operation, target and errno instead of Node.js's system error. */
export function attempt<T>(operation: string, target: string, action: () => T): T {
  try {
    return action()
  } catch (cause) {
    // A KernelError of a call within `action` names what failed already.
    const { errno } = cause as NodeJS.ErrnoException
    if (cause instanceof KernelError || errno === undefined) throw cause
    throw new KernelError({ operation, target, errno: -errno }, { cause })
  }
}

const { EACCES, ENODEV, ENOENT, ENOTDIR, EPERM, EROFS, ESRCH } = constants.errno

/** The file does not exist, or the process or cgroup that a file of /proc or cgroupfs is about has ended (proc(5)). */
export const ABSENT: readonly number[] = [ENOENT, ENOTDIR, ESRCH, ENODEV]
/** The file is there, but the caller may not read it or change it. */
export const FORBIDDEN: readonly number[] = [EACCES, EPERM, EROFS]

/**
 * Runs a file operation of Node.js; null when it fails with one of the errnos that mean an answer. Any other failure, such as
 * EMFILE or EIO, answers nothing.
 *
 * @throws KernelError as `attempt`.
 */
export function attemptIf<T>(answers: readonly number[], operation: string, target: string, action: () => T): T | null {
  try {
    return attempt(operation, target, action)
  } catch (error) {
    if (error instanceof KernelError && answers.includes(error.errno)) return null
    throw error
  }
}
