// Loads the command line's one file. Where the build has left what V8 compiled from it, that is used: compiling half a
// megabyte at each start took longer than everything else. What another version of Node.js has left, V8 refuses; then it
// compiles as ever.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'

export const root = fileURLToPath(new URL('..', import.meta.url))
const program = `${root}dist/cli/main.cjs`
export const compiled = `${root}dist/cli/main.compiled`

/** What src/cli/main.ts exports, and the script, from which the build makes the compiled form. */
export function load() {
  // As Node.js wraps a CommonJS module.
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(program, 'utf8')}\n})`
  const script = new Script(source, { filename: program, cachedData: readCompiled() })
  const module = { exports: {} }
  script.runInThisContext()(module.exports, createRequire(program), module, program, dirname(program))
  return { script, ...module.exports }
}

function readCompiled() {
  try {
    return readFileSync(compiled)
  } catch {
    return undefined
  }
}
