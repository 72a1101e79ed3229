// Installs and builds whatever is missing or older than its source. Plain JavaScript, since it must run on a clone that
// has nothing yet. Says what it does on stderr; does nothing, silently, when all is there.
require('./node-version.js')
const { execFileSync } = require('node:child_process')
const { existsSync, readdirSync, statSync } = require('node:fs')
const { join } = require('node:path')

const root = join(__dirname, '../')
const at = (path) => join(root, path)

/** Brings the checkout into a state in which `bin/run.js` and the tests run. Ends the process when it cannot. */
function setUp() {
  if (isStale('node_modules/.package-lock.json', ['package-lock.json'])) {
    step('installing packages', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  }
  if (isStale('native-shim/build/nslab-shim', sources('native-shim'))) {
    requireTools()
    step('building the native helper', 'make', ['--no-print-directory', '-C', 'native-shim'])
  }
  const build = ['bin/bundle.js', 'bin/load.js', 'tsconfig.json', 'tsconfig.build.json', 'package.json']
  if (isStale('dist/index.js', [...sources('src'), ...build])) {
    step('building', 'npm', ['run', '--silent', 'build:ts'])
  }
}

/** make(1) itself, and the compiler that it calls, which it would only say is not found. */
function requireTools() {
  const missing = ['make', process.env.CC || 'cc'].filter((tool) => !isProgram(tool))
  if (missing.length === 0) return
  fail(
    `${missing.join(' and ')} not found: the native helper is built with make and a C compiler; \`apt-get install make gcc ` +
      'libc6-dev`, `dnf install make gcc glibc-static` or `apk add make gcc musl-dev` installs them',
  )
}

function isProgram(name) {
  if (name.includes('/')) return existsSync(name)
  return (process.env.PATH || '').split(':').some((directory) => existsSync(join(directory, name)))
}

function isStale(product, inputs) {
  if (!existsSync(at(product))) return true
  const made = statSync(at(product)).mtimeMs
  return inputs.some((input) => statSync(at(input)).mtimeMs > made)
}

function sources(directory) {
  return readdirSync(at(directory), { withFileTypes: true, recursive: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => /(?:\.(?:ts|c|h)|Makefile)$/.test(path) && !path.includes('/native-shim/build/'))
    .map((path) => path.slice(root.length))
}

function step(what, command, args) {
  process.stderr.write(`nslab: ${what} …\n`)
  try {
    execFileSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] })
  } catch (error) {
    if (error.code === 'ENOENT') fail(`${command} is needed for ${what}, and was not found`)
    fail(`${what} failed`)
  }
}

function fail(message) {
  process.stderr.write(`nslab: ${message}\n`)
  process.exit(4)
}

module.exports = { setUp }

if (require.main === module) setUp()
