// Compiles a C program of the tests, when it is first used.
import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** @param name of a source beside this file. @returns the path of the program */
export function compiled(name: string): string {
  const source = fileURLToPath(new URL(`${name}.c`, import.meta.url))
  const program = fileURLToPath(new URL(`../../native-shim/build/${name}`, import.meta.url))
  if (!existsSync(program) || statSync(program).mtimeMs < statSync(source).mtimeMs) build(source, program)
  return program
}

/** Test files run side by side, so the program is renamed into its place. */
function build(source: string, program: string): void {
  const fresh = `${program}.${process.pid}`
  execFileSync('cc', ['-Wall', '-Wextra', '-Werror', '-O2', '-o', fresh, source])
  execFileSync('mv', [fresh, program])
}
