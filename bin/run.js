#!/usr/bin/env node
// The installed command. CommonJS, like all of this folder: the loader of modules takes 8 ms of each start (median of
// `node FILE`, 61 and 69 ms of processor time). An unprivileged user's command may have to run as root of a user
// namespace, which starts Node.js once more: a small program of its own decides that, since what is loaded until then is
// loaded twice.
const { readFileSync } = require('node:fs')
const { load, root } = require('./load.js')

/** Of the machine, that is: of all users there can be (user_namespaces(7)). */
const isRoot = () =>
  process.geteuid() === 0 && /^ +0 +0 +4294967295$/m.test(readFileSync('/proc/self/uid_map', 'latin1'))

async function run(words) {
  if (!isRoot() || process.env.NSLAB_ROOTLESS) await load('rootless').exports.enterNamespaceFor(words)
  await load('main').exports.main(root, words)
}

/** Node.js would print the line it happened in, and that is the whole program. */
function report(error) {
  process.exitCode = 1
  process.stderr.write(`error: ${error.stack ?? error}\nhint: this is a bug in nslab; please report it\n`)
}

/**
 * Resolves when everything that was written is out or cannot be, however long somebody such as less(1) takes to read it:
 * a pipe holds 64 KiB. oclif's own way gives up after ten seconds. Meanwhile, signals end the process again.
 */
async function outputRead() {
  const waiting = [process.stdout, process.stderr].filter((stream) => stream.writableLength > 0)
  if (waiting.length > 0) for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(name)
  await Promise.all(waiting.map((stream) => new Promise((resolve) => stream.write('', resolve))))
}

/** That something could not be written is told by then, and what is said about it is output as well. */
const nextRound = () => new Promise(setImmediate)

// Otherwise Node.js takes its heap apart first, for 7 ms.
run(process.argv.slice(2))
  .catch(report)
  .then(outputRead)
  .then(nextRound)
  .then(outputRead)
  .then(() => process.exit())
