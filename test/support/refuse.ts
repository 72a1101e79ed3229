// Runs a program in which the kernel refuses a system call: refuse.c says how.
import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const SOURCE = fileURLToPath(new URL('refuse.c', import.meta.url))
const PROGRAM = fileURLToPath(new URL('../../native-shim/build/refuse', import.meta.url))

/**
 * The words to put before a command, so that the kernel refuses a system call of the command and of all that it starts.
 *
 * @param call its name, one of those in refuse.c
 * @param path only calls with this path are refused, or whose path ends so when it begins with a slash; all when it is empty
 */
export function refusing(call: string, errno: keyof typeof constants.errno, path = ''): string[] {
  if (!existsSync(PROGRAM) || statSync(PROGRAM).mtimeMs < statSync(SOURCE).mtimeMs) build()
  return [PROGRAM, call, String(constants.errno[errno]), path]
}

/** Test files run side by side, so the program is renamed into its place. */
function build(): void {
  const fresh = `${PROGRAM}.${process.pid}`
  execFileSync('cc', ['-Wall', '-Wextra', '-Werror', '-O2', '-o', fresh, SOURCE])
  execFileSync('mv', [fresh, PROGRAM])
}
