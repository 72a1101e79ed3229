// Loads a program of the command line from its one file. Where the build has left what V8 compiled from it, that is used:
// compiling a megabyte at each start took longer than everything else. What another version of Node.js has left, V8
// refuses; then it compiles as ever.
const { readFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const { dirname, join } = require('node:path')
const { Script } = require('node:vm')

/** The package's directory, with a slash at the end. */
const root = join(__dirname, '../')
const programOf = (name) => `${root}dist/cli/${name}.cjs`
const compiledOf = (name) => `${root}dist/cli/${name}.compiled`

/** What src/cli/NAME.ts exports, and the script, from which the build makes the compiled form. */
function load(name) {
  const program = programOf(name)
  // As Node.js wraps a CommonJS module. The build writes ASCII alone.
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(program, 'latin1')}\n})`
  const script = new Script(source, { filename: program, cachedData: readCompiled(name) })
  const module = { exports: {} }
  script.runInThisContext()(module.exports, createRequire(program), module, program, dirname(program))
  return { script, exports: module.exports }
}

function readCompiled(name) {
  try {
    return readFileSync(compiledOf(name))
  } catch {
    return undefined
  }
}

module.exports = { compiledOf, load, root }
