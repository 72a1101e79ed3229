// Runs a file operation and turns its failure into a KernelError.
import { KernelError } from '../errors.js'

/** Runs a file operation of Node.js. @throws KernelError with operation, target and errno instead of Node.js's system error. */
export function attempt<T>(operation: string, target: string, action: () => T): T {
  try {
    return action()
  } catch (cause) {
    const { errno } = cause as NodeJS.ErrnoException
    throw errno === undefined ? cause : new KernelError({ operation, target, errno: -errno }, { cause })
  }
}
