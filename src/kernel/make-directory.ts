// Makes directories with a mode that does not depend on the umask (umask(2)).
import { chmodSync, mkdirSync } from 'node:fs'

/** Makes a directory with exactly this mode. @throws Error of Node.js, with EEXIST for one that exists, which is not changed */
export function makeDirectory(path: string, mode: number): void {
  mkdirSync(path, { mode })
  chmodSync(path, mode)
}
