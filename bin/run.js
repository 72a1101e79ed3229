#!/usr/bin/env node
// The installed command. CommonJS, like all of this folder: the loader of ES modules takes 8 ms of each start (median of
// `node FILE`: 61 and 69 ms of processor time). When an ordinary user builds or reads a network, the program runs again as
// root of a user namespace (src/cli/rootless.ts). The small program `rootless` does that first, so that the large program
// `main` is loaded only once.
require('./node-version.js')
const { closeSync, fstatSync, openSync, readFileSync } = require('node:fs')
const { isatty } = require('node:tty')
const { load, networkCommandsFile, root } = require('./load.js')

/** Whether the user is root of a user namespace that maps all ids, as the first one does (user_namespaces(7)). */
const isRoot = () => process.geteuid() === 0 && mapsAllIds()

/** Without /proc, the command says so. Where the map cannot be read, the program `rootless` reads it again and says why. */
function mapsAllIds() {
  try {
    return /^ +0 +0 +4294967295$/m.test(readFileSync('/proc/self/uid_map', 'latin1'))
  } catch (error) {
    return error.code === 'ENOENT'
  }
}

/** The commands that build or read a network, by name. */
const networkCommands = () => new Map(JSON.parse(readFileSync(networkCommandsFile, 'utf8')))

async function run(words) {
  const commands = !isRoot() || process.env.NSLAB_ROOTLESS ? networkCommands() : new Map()
  const length = commands.has(words.slice(0, 2).join(' ')) ? 2 : 1
  const command = commands.get(words.slice(0, length).join(' '))
  if (command && !(await load('rootless').exports.enterNamespaceFor(command, words.slice(length)))) return
  await load('main').exports.main(root, words)
}

/** Node.js itself would print the line of source that threw, and one line is the whole program. */
function report(error) {
  process.exitCode = 1
  process.stderr.write(`error: ${error.stack || error}\nhint: this is a bug in nslab; please report it\n`)
}

/**
 * Resolves when all output is written or cannot be written. A pipe holds 64 KiB, and a reader such as less(1) may leave the
 * rest waiting for hours; oclif's own function gives up after ten seconds. A signal ends the process during that time.
 */
async function outputRead() {
  const waiting = [process.stdout, process.stderr].filter((stream) => stream.writableLength > 0)
  if (waiting.length > 0) for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(name)
  await Promise.all(waiting.map((stream) => new Promise((resolve) => stream.write('', resolve))))
}

/** By then a failed write has been reported on standard error, and that report has to be written as well. */
const nextRound = () => new Promise(setImmediate)

/** The kernel's number of drivers for memory devices such as /dev/null (Documentation/admin-guide/devices.txt). */
const MEMORY_DEVICES = 1

/**
 * Puts /dev/null in the place of a terminal that is gone: when Node.js ends, it restores the settings of its terminals, and aborts
 * where the kernel refuses that (EIO).
 */
function leaveTerminal() {
  for (const fd of [0, 1, 2]) {
    const stat = fstatSync(fd)
    if (!stat.isCharacterDevice() || stat.rdev >> 8 === MEMORY_DEVICES || isatty(fd)) continue
    closeSync(fd)
    openSync('/dev/null', 'r+') // takes the lowest free descriptor
  }
}

// Without process.exit(), Node.js would free its heap first, which takes 7 ms.
run(process.argv.slice(2))
  .catch(report)
  .then(outputRead)
  .then(nextRound)
  .then(outputRead)
  .then(leaveTerminal)
  .catch(() => {})
  .then(() => process.exit())
