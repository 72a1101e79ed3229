// File operations whose failure says what was being done to what.
import { KernelError } from '../errors.js'

/** Runs a file operation of Node.js's. @throws KernelError with the errno in place of a system error. */
export function attempt<T>(operation: string, target: string, action: () => T): T {
  try {
    return action()
  } catch (cause) {
    const { errno } = cause as NodeJS.ErrnoException
    throw errno === undefined ? cause : new KernelError({ operation, target, errno: -errno }, { cause })
  }
}
