// What the jail and the injector need of a machine: two programs, compiled where nobody else looks, and the users' entries.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SUBORDINATE, USERS } from './users.mjs'

const SOURCES = fileURLToPath(new URL('..', import.meta.url))
const CFLAGS = ['-std=gnu11', '-Wall', '-Wextra', '-Werror', '-O2']
/** Files of the machine that name users, and what the jail's users add. */
const ENTRIES = {
  passwd: (name, { uid }) => `${name}:x:${uid}:${uid}::/:/bin/sh`,
  group: (name, { uid }) => `${name}:x:${uid}:`,
  subuid: (name) => (SUBORDINATE[name] === undefined ? null : `${name}:${SUBORDINATE[name]}:65536`),
  subgid: (name) => (SUBORDINATE[name] === undefined ? null : `${name}:${SUBORDINATE[name]}:65536`),
}

/**
 * Compiles `jail` and `inject` into a new directory, with the files of the jail's /etc in `etc`. The caller removes it.
 *
 * @returns {string} the directory
 * @throws when there is no C compiler, or this is not x86-64, whose registers the injector knows
 */
export function makeTools() {
  if (process.arch !== 'x64') throw new Error('the injector knows the registers of x86-64 alone')
  const directory = mkdtempSync(join(tmpdir(), 'nslab-chaos-'))
  try {
    chmodSync(directory, 0o755)
    writeFileSync(join(directory, 'names.h'), callNames())
    compile(join(directory, 'jail'), ['jail/jail.c'], [])
    compile(
      join(directory, 'inject'),
      ['inject', 'tracees', 'calls', 'refuse'].map((name) => `inject/${name}.c`),
      ['-I', directory],
    )
    writeEntries(join(directory, 'etc'))
    return directory
  } catch (error) {
    rmSync(directory, { recursive: true })
    throw error
  }
}

function compile(output, sources, flags) {
  execFileSync('cc', [...CFLAGS, ...flags, '-o', output, ...sources.map((file) => join(SOURCES, file))])
}

/** Names of system calls by number, as initializers of an array, from the C library's sys/syscall.h. */
function callNames() {
  const macros = execFileSync('cc', ['-E', '-dM', '-'], { input: '#include <sys/syscall.h>\n', encoding: 'utf8' })
  const names = macros.matchAll(/^#define __NR_([a-z0-9_]+) ([0-9]+)$/gm)
  return [...names].map(([, name, number]) => `[${number}] = "${name}",\n`).join('')
}

/** Only of files that the machine has: others cannot be covered. */
function writeEntries(etc) {
  mkdirSync(etc)
  for (const [file, entry] of Object.entries(ENTRIES)) {
    if (!existsSync(`/etc/${file}`)) continue
    const own = file.startsWith('sub') ? '' : readFileSync(`/etc/${file}`, 'utf8')
    const lines = Object.entries(USERS).map(([name, user]) => (user.uid === 0 && own ? null : entry(name, user)))
    writeFileSync(join(etc, file), `${own}${lines.filter((line) => line !== null).join('\n')}\n`)
  }
}

/** Files of the jail's /etc, as the jail's option `--over` wants them. */
export const coveredFiles = (directory) =>
  Object.keys(ENTRIES)
    .filter((file) => existsSync(join(directory, 'etc', file)))
    .map((file) => `${join(directory, 'etc', file)}:/etc/${file}`)
