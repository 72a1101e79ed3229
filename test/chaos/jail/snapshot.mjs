// What there is in a jail, so that before and after can be compared: processes with their descriptors, namespaces, interfaces,
// mounts, files, cgroups and keys. Each thing has a name that says what it is; what has changed of it is told as well.
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { isOfJail } from './users.mjs'

/** Trees in which a lab, or a program of a lab, may leave something. */
const TREES = ['/run', '/tmp', '/var/tmp', '/dev/shm']
/** What the attack itself has there. */
const OWN_FILES = ['/run/chaos']
const CGROUPS = '/sys/fs/cgroup'
const NAMESPACE = /^(?:cgroup|ipc|mnt|net|pid|time|user|uts):\[\d+\]$/
/** What the kernel does by itself after a process has ended takes this long at most. */
const SETTLE_MS = 5000
const PAUSE_MS = 20

/** @typedef {Map<string, string>} Snapshot name of a thing → what can change of it */

/** @returns {Snapshot} */
export function takeSnapshot() {
  const processes = processIds().flatMap(processOf)
  return new Map([
    ...processes.map(({ name, descriptors }) => [name, descriptors]),
    ...namespacesOf(processes),
    ...readdirSync('/sys/class/net').map((name) => [`interface ${name}`, '']),
    ...mounts(),
    ...TREES.flatMap(filesIn),
    ...cgroupsIn(CGROUPS),
    ...keys(),
  ])
}

/**
 * What is there that was not, is not there that was, and what has changed.
 *
 * @param {Snapshot} before
 * @param {Snapshot} after
 * @returns {string[]}
 */
export function differences(before, after) {
  const left = [...after].filter(([name]) => !before.has(name)).map(([name, detail]) => `left: ${name} ${detail}`)
  const gone = [...before].filter(([name]) => !after.has(name)).map(([name]) => `gone: ${name}`)
  const changed = [...after].filter(([name, detail]) => before.has(name) && before.get(name) !== detail)
  return [
    ...left,
    ...gone,
    ...changed.map(([name, detail]) => `changed: ${name} from ${before.get(name)} to ${detail}`),
  ].map((line) => line.trimEnd())
}

/**
 * A sentence for each kind of difference, instead of one for each.
 *
 * @param {readonly string[]} list of differences
 */
export function summaryOf(list) {
  const kinds = new Map()
  for (const line of list) {
    const kind = line.split(' ', 2).join(' ')
    kinds.set(kind, [...(kinds.get(kind) ?? []), line])
  }
  return [...kinds.values()]
    .map(([first, ...more]) => (more.length === 0 ? first : `${first} and ${more.length} more`))
    .join('; ')
}

/**
 * Waits until there is what there was.
 *
 * @param {Snapshot} before
 * @returns {Promise<string[]>} the differences that stay
 */
export async function settledDifferences(before, timeoutMs = SETTLE_MS) {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const found = differences(before, takeSnapshot())
    if (found.length === 0 || performance.now() > deadline) return found
    await setTimeout(PAUSE_MS)
  }
}

/** All processes but PID 1 and this one. */
export const processIds = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== 1 && pid !== process.pid)

/** Waits until all other processes have ended. @throws when they do not */
export async function untilAlone() {
  for (const end = performance.now() + SETTLE_MS; processIds().length > 0; await setTimeout(PAUSE_MS)) {
    if (performance.now() < end) continue
    throw new Error(
      `these processes do not end: ${processIds()
        .flatMap(processOf)
        .map(({ name }) => name)}`,
    )
  }
}

/** Descriptors are of interest where nslab's own code keeps them. Nothing of a process that has ended meanwhile. */
function processOf(pid) {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trimEnd()
    const state = /^State:\t(.)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    const links = linksIn(`/proc/${pid}/fd`)
    const kept = command.startsWith('nslab: ') ? links.filter((link) => !NAMESPACE.test(link)).sort() : []
    const name = `process ${pid} (${command})${state === 'Z' ? ' not reaped' : ''}`
    return [{ pid, name, descriptors: kept.join(' '), links }]
  } catch {
    return []
  }
}

/** Where the links in a directory of /proc lead; nothing of a process that has ended. */
function linksIn(directory) {
  try {
    return readdirSync(directory).flatMap((name) => {
      try {
        return [readlinkSync(join(directory, name))]
      } catch {
        return []
      }
    })
  } catch {
    return []
  }
}

/** Those that a process is in or has open, or that are mounted where one is. */
function namespacesOf(processes) {
  const held = processes.flatMap(({ pid, links }) => [
    ...linksIn(`/proc/${pid}/ns`),
    ...links,
    ...mountedNamespaces(pid),
  ])
  const own = [...linksIn('/proc/self/ns'), ...mountedNamespaces(process.pid)]
  return [...held, ...own].filter((link) => NAMESPACE.test(link)).map((link) => [`namespace ${link}`, ''])
}

function mountedNamespaces(pid) {
  try {
    const lines = readFileSync(`/proc/${pid}/mountinfo`, 'utf8').matchAll(/^\S+ \S+ \S+ (\S+) .* - nsfs /gm)
    return [...lines].map(([, root]) => root)
  } catch {
    return []
  }
}

const mounts = () =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, , , root, target] = line.split(' ')
      return [`mount ${target} ${root} ${line.split(' - ')[1]?.split(' ')[0]}`, '']
    })

function filesIn(path) {
  if (OWN_FILES.includes(path)) return []
  try {
    const stats = lstatSync(path)
    // Whose turn it is to change a lab; of no meaning once that command has ended.
    const size = stats.isFile() && basename(path) !== 'turn.json' ? stats.size : ''
    const target = stats.isSymbolicLink() ? readlinkSync(path) : ''
    const inner = stats.isDirectory() ? readdirSync(path).flatMap((name) => filesIn(join(path, name))) : []
    return [[`file ${path}`, `${(stats.mode >>> 0).toString(8)} ${stats.uid} ${size}${target}`], ...inner]
  } catch {
    return []
  }
}

/** With the processes in each. */
function cgroupsIn(path) {
  try {
    const inner = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    const frozen = readFileSync(join(path, 'cgroup.freeze'), { encoding: 'utf8', flag: 'r' }).trim()
    return [[`cgroup ${path}`, `frozen ${frozen}`], ...inner.flatMap(({ name }) => cgroupsIn(join(path, name)))]
  } catch {
    // The root has no freezer.
    return path === CGROUPS ? directoriesIn(path).flatMap((name) => cgroupsIn(join(path, name))) : []
  }
}

function directoriesIn(path) {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
  } catch {
    return []
  }
}

/**
 * Keys of ids that are the jail's alone. Those of root of the machine are not told apart from what other programs of root's
 * have made meanwhile, and the kernel has one list for all.
 */
const keys = () =>
  readFileSync('/proc/keys', 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/ +/))
    .filter((fields) => isOfJail(Number(fields[5])))
    .map((fields) => [`key ${fields[0]} of ${fields[5]}: ${fields.slice(7).join(' ')}`, ''])
