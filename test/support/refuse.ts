// Runs a program in which the kernel refuses a system call: refuse.c says how.
import { constants } from 'node:os'
import { compiled } from './compiled.js'

/**
 * The words to put before a command, so that the kernel refuses a system call of the command and of all that it starts.
 *
 * @param call its name, one of those in refuse.c
 * @param path only calls with this path are refused, or whose path ends so when it begins with a slash; all when it is empty
 */
export function refusing(call: string, errno: keyof typeof constants.errno, path = ''): string[] {
  return [compiled('refuse'), call, String(constants.errno[errno]), path]
}
