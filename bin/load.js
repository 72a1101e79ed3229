// Loads a program of the command line from its one file, with the code that V8 compiled of it during the build: compiling
// a megabyte at each start took longer than everything else. V8 refuses compiled code of another version of Node.js, and
// compiles the file then.
const { readFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const { dirname, join } = require('node:path')
const { Script } = require('node:vm')

/** The package's directory, with a slash at the end. */
const root = join(__dirname, '../')
const programOf = (name) => `${root}dist/cli/${name}.cjs`
const compiledOf = (name) => `${root}dist/cli/${name}.compiled`
/** JSON: the commands that build or read a network, as entries for a Map (src/cli/network-use.ts). */
const networkCommandsFile = `${root}dist/cli/network-commands.json`

/** Returns what src/cli/NAME.ts exports, and the script, of which the build writes the compiled code. */
function load(name) {
  const program = programOf(name)
  // As Node.js wraps a CommonJS module. The file is ASCII.
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

module.exports = { compiledOf, load, networkCommandsFile, root }
