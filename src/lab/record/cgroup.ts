// Where a lab's cgroups are: below the cgroup of the one who builds it, so that limits set on that hold for the lab. The
// lab has one, with one for each node in it; who may make none does without.
import { accessSync, constants as files, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { constants } from 'node:os'
import { basename, join } from 'node:path'
import { KernelError } from '../../errors.js'
import { parseMounts } from '../../kernel/proc/mount-table.js'
import type { ResolvedNode } from '../../model/resolved.js'

const MOUNTINFO = '/proc/self/mountinfo'
/** The cgroup of all nodes that share one; no node can be called so. */
const SHARED = 'shared.nodes'
const REMOVAL_TRIES = 50
const REMOVAL_PAUSE_MS = 20

interface CgroupMount {
  /** As /proc/PID/cgroup calls the hierarchy: nothing for version 2, `name=systemd` and the like for version 1. */
  hierarchy: string
  /** Which cgroup is mounted. */
  root: string
  target: string
}

/** Mounts of the hierarchies that control nothing; version 2 first. `mountinfo` is as in proc_pid_mountinfo(5). */
function cgroupMounts(mountinfo: string): CgroupMount[] {
  const mounts = parseMounts(mountinfo).flatMap(({ type, root, target, superOptions }): CgroupMount[] => {
    const name = superOptions.find((option) => option.startsWith('name='))
    const hierarchy = type === 'cgroup2' ? '' : type === 'cgroup' ? name : undefined
    return hierarchy === undefined ? [] : [{ hierarchy, root, target }]
  })
  return mounts.sort((a, b) => a.hierarchy.length - b.hierarchy.length)
}

/**
 * The directories in which this process may be able to make cgroups: its own cgroup of version 2, then one of version 1
 * that controls nothing (cgroups(7)).
 *
 * @param cgroup text of /proc/self/cgroup
 * @param mountinfo text of /proc/self/mountinfo
 */
export function cgroupPlaces(cgroup: string, mountinfo: string): string[] {
  const own = new Map(
    cgroup
      .trimEnd()
      .split('\n')
      .map((line) => splitAt(splitAt(line, ':')[1], ':')),
  )
  return cgroupMounts(mountinfo).flatMap(({ hierarchy, root, target }) => {
    const path = below(own.get(hierarchy), root)
    return path === undefined ? [] : [join(target, path)]
  })
}

/** A cgroup's path below the one that is mounted; undefined where it is elsewhere. */
function below(path: string | undefined, root: string): string | undefined {
  if (path === undefined || path.startsWith('/..') || root.startsWith('/..')) return undefined
  if (path === root) return ''
  const above = root === '/' ? '' : root
  return path.startsWith(`${above}/`) ? path.slice(above.length) : undefined
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}

const nameOf = (lab: string, keeperPid: number): string => `nslab.${lab}.${keeperPid}`

/** Where a lab's cgroup is to be made; null where none can be. */
export function placeForCgroup(lab: string, keeperPid: number): string | null {
  const places = cgroupPlaces(readText('/proc/self/cgroup'), readText(MOUNTINFO))
  const place = places.find(isWritable)
  return place === undefined ? null : join(place, nameOf(lab, keeperPid))
}

/** Makes a lab's cgroup. @returns false where the kernel will not have it. */
export function makeLabCgroup(path: string): boolean {
  try {
    mkdirSync(path)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EEXIST'
  }
}

/** The cgroup of a node in its lab's: one of its own, or one of all that share theirs; null for the caller's. */
export function nodeCgroupName({ name, isolation }: Pick<ResolvedNode, 'name' | 'isolation'>): string | null {
  const choice = isolation?.namespaces.cgroup ?? 'own'
  if (choice === 'host') return null
  // With a dot, since a cgroup of version 1 has a file called `tasks`.
  return choice === 'shared' ? SHARED : `${name}.node`
}

/** Directory of a node's cgroup; null where it has none of its own. */
export function nodeCgroup(lab: string, node: Pick<ResolvedNode, 'name' | 'isolation'>): string | null {
  const name = nodeCgroupName(node)
  return name === null ? null : `${lab}/${name}`
}

/** The cgroup of a node as the caller sees it; null where it is the keeper's, in every hierarchy. */
export function ownCgroup(nodePid: number, keeperPid: number): string | null {
  const linesOf = (pid: number) => readText(`/proc/${pid}/cgroup`).split('\n')
  const others = new Set(linesOf(keeperPid))
  const line = linesOf(nodePid).find((each) => !others.has(each))
  return line === undefined ? null : splitAt(splitAt(line, ':')[1], ':')[1]
}

/**
 * Removes the cgroups of a lab whose processes are gone. Nothing else, whatever a state file says: only what is below a
 * mounted hierarchy and called as this lab's; and the kernel removes no cgroup that has processes.
 *
 * @param wait for processes that are still ending
 * @throws KernelError when one stays in use.
 */
export function removeLabCgroup(path: string, lab: string, { wait } = { wait: true }): void {
  const isBelowMount = cgroupMounts(readText(MOUNTINFO)).some(({ target }) => path.startsWith(`${target}/`))
  if (!isBelowMount || path !== join(path) || !basename(path).startsWith(`nslab.${lab}.`)) return
  for (let tries = 0; tries < REMOVAL_TRIES; tries++) {
    if (removeTree(path)) return
    if (!wait) break
    // The keeper's lock is released a moment before the kernel has ended all of its nodes.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, REMOVAL_PAUSE_MS)
  }
  throw new KernelError({ operation: 'remove cgroup', target: path, errno: constants.errno.EBUSY })
}

/** Removes a cgroup and those in it; the files of a cgroup go with it. @returns false when there are processes in it. */
function removeTree(path: string): boolean {
  // Most have none in them, and to look takes longer than to try.
  if (removeOne(path)) return true
  const inner = directoriesIn(path)
  return inner.length > 0 && inner.every((name) => removeTree(join(path, name))) && removeOne(path)
}

/** @returns false when there are processes, or other cgroups, in it. */
function removeOne(path: string): boolean {
  try {
    rmdirSync(path)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EBUSY') return false
    if (code === 'ENOENT') return true
    throw error
  }
}

const directoriesIn = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)

function isWritable(path: string): boolean {
  try {
    accessSync(path, files.W_OK)
    return true
  } catch {
    return false
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
