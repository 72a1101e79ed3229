// The cgroups of a lab: one below the cgroup of the process that builds the lab, so that its limits hold for the lab, and in
// it one for each node. A user who may not make cgroups gets a lab without them.
import { chmodSync, constants as files, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { KernelError } from '../../errors.js'
import { ABSENT, attempt, attemptIf, FORBIDDEN } from '../../kernel/attempt.js'
import { parseMounts } from '../../kernel/proc/mount-table.js'
import { isAllowed, isThere, readIfThere } from '../../kernel/small-file.js'
import type { ResolvedNode } from '../../model/resolved.js'

const MOUNTINFO = '/proc/self/mountinfo'
/** Name of the cgroup of all nodes with `cgroup: shared`. A node's own cgroup is named `NODE.node`, so never like this. */
const SHARED = 'shared.nodes'
const NODE_SUFFIX = '.node'
const CGROUP_MODE = 0o755
const REMOVAL_TRIES = 50
const REMOVAL_PAUSE_MS = 20

interface CgroupMount {
  /** Name of the hierarchy in /proc/PID/cgroup: empty for version 2, for version 1 a name such as `name=systemd`. */
  hierarchy: string
  /** Path of the cgroup that is mounted. */
  root: string
  /** Mount point. */
  target: string
}

/**
 * Mounts of version 2, and of hierarchies of version 1 without controllers; version 2 first.
 *
 * @param mountinfo text of /proc/self/mountinfo (proc_pid_mountinfo(5))
 */
function cgroupMounts(mountinfo: string): CgroupMount[] {
  const mounts = parseMounts(mountinfo).flatMap(({ type, root, target, superOptions }): CgroupMount[] => {
    const name = superOptions.find((option) => option.startsWith('name='))
    const hierarchy = type === 'cgroup2' ? '' : type === 'cgroup' ? name : undefined
    return hierarchy === undefined ? [] : [{ hierarchy, root, target }]
  })
  return mounts.sort((a, b) => a.hierarchy.length - b.hierarchy.length)
}

/**
 * Directories of cgroups in which this process may be able to make others: its own cgroup of version 2, then its own one of
 * version 1 in a hierarchy without controllers (cgroups(7)).
 *
 * @param cgroup text of /proc/self/cgroup
 * @param mountinfo text of /proc/self/mountinfo
 */
export function candidateCgroups(cgroup: string, mountinfo: string): string[] {
  const own = new Map(
    cgroup
      .trimEnd()
      .split('\n')
      .map((line) => splitAt(splitAt(line, ':')[1], ':')),
  )
  return cgroupMounts(mountinfo).flatMap(({ hierarchy, root, target }) => {
    const path = pathBelow(own.get(hierarchy), root)
    return path === undefined ? [] : [join(target, path)]
  })
}

/** The path of a cgroup relative to the mounted one; undefined when it does not lie below that. */
function pathBelow(path: string | undefined, root: string): string | undefined {
  if (path === undefined || path.startsWith('/..') || root.startsWith('/..')) return undefined
  if (path === root) return ''
  const above = root === '/' ? '' : root
  return path.startsWith(`${above}/`) ? path.slice(above.length) : undefined
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}

/** Names of labs have no dots. */
const LAB_CGROUP = /^nslab\.([^.]+)\.([0-9]+)$/

const labCgroupName = (lab: string, keeperPid: number): string => `nslab.${lab}.${keeperPid}`

/** The cgroup in which this process makes those of labs; undefined when it may not make one anywhere. */
const parentCgroup = (): string | undefined =>
  candidateCgroups(readText('/proc/self/cgroup'), readText(MOUNTINFO)).find(isWritable)

/** Path at which a lab's cgroup is to be made; null when this process may not make one anywhere. */
export function labCgroupPath(lab: string, keeperPid: number): string | null {
  const parent = parentCgroup()
  return parent === undefined ? null : join(parent, labCgroupName(lab, keeperPid))
}

/** A lab's cgroup, as its name says. */
export interface LabCgroup {
  path: string
  lab: string
  keeperPid: number
}

/** Removes an empty cgroup whose keeper has ended; leaves one that has processes. @throws KernelError */
export function removeAbandoned({ path, lab }: LabCgroup): void {
  attemptIf([constants.errno.EBUSY], 'remove cgroup', path, () => removeLabCgroup(path, lab, { wait: false }))
}

/**
 * The cgroups of labs that this user made below the cgroup of this process, for labs whose state does not say which is their own.
 * A lab made from another cgroup is not found. @throws KernelError
 */
export function labCgroupsHere(): LabCgroup[] {
  const parent = parentCgroup()
  if (parent === undefined) return []
  return directoriesIn(parent)
    .flatMap((name): LabCgroup[] => {
      const [, lab, pid] = LAB_CGROUP.exec(name) ?? []
      return lab === undefined ? [] : [{ path: join(parent, name), lab, keeperPid: Number(pid) }]
    })
    .filter(({ path }) => attemptIf(ABSENT, 'examine', path, () => statSync(path))?.uid === process.geteuid?.())
}

const { EAGAIN, EBUSY, EEXIST, ENOENT } = constants.errno
/** The caller may not make cgroups there, as many as may be are there (cgroup.max.descendants), or the place is gone. */
const NOT_MADE = [...FORBIDDEN, ...ABSENT, EAGAIN]

/** Makes a lab's cgroup. @returns false when the kernel refuses it @throws KernelError */
export function makeLabCgroup(path: string): boolean {
  const made = attemptIf([...NOT_MADE, EEXIST], 'make cgroup', path, () => {
    mkdirSync(path)
    return true
  })
  if (made === null && !isThere(path)) return false
  // The umask holds for cgroups as for other directories (umask(2)).
  if (attemptIf(NOT_MADE, 'change the mode of cgroup', path, () => chmodSync(path, CGROUP_MODE)) !== null) return true
  removeOne(path)
  return false
}

/** Name of a node's cgroup within the lab's: its own one, or the shared one; null for a node that stays in the caller's. */
export function nodeCgroupName({ name, isolation }: Pick<ResolvedNode, 'name' | 'isolation'>): string | null {
  const choice = isolation?.namespaces.cgroup ?? 'own'
  if (choice === 'host') return null
  // The dot keeps a node named `tasks` apart from the file `tasks` of a cgroup of version 1.
  return choice === 'shared' ? SHARED : `${name}${NODE_SUFFIX}`
}

/** Directory of a node's cgroup in the lab's cgroup `lab`; null for a node that stays in the caller's. */
export function nodeCgroup(lab: string, node: Pick<ResolvedNode, 'name' | 'isolation'>): string | null {
  const name = nodeCgroupName(node)
  return name === null ? null : `${lab}/${name}`
}

/** Finds the cgroups of the nodes of one keeper. */
export class NodeCgroups {
  private readonly ofKeeper: ReadonlySet<string>

  constructor(keeperPid: number) {
    this.ofKeeper = new Set(cgroupLines(keeperPid))
  }

  /** The path of a node's cgroup in the caller's /proc; null when the node is in the keeper's cgroup in every hierarchy. */
  ownOf(nodePid: number): string | null {
    const line = cgroupLines(nodePid).find((each) => !this.ofKeeper.has(each))
    return line === undefined ? null : splitAt(splitAt(line, ':')[1], ':')[1]
  }
}

const cgroupLines = (pid: number): string[] => readText(`/proc/${pid}/cgroup`).split('\n')

/**
 * Removes the cgroups of a lab whose processes have ended. Since the path comes from a state file, it must lie below a mounted
 * hierarchy and have the name of this lab's cgroup, else nothing is removed. The kernel removes no cgroup that has processes.
 *
 * @param wait whether to wait for processes that are still ending; blocks the thread, about a second at most
 * @throws KernelError EBUSY when a cgroup is still in use; any other when one cannot be found or removed.
 */
export function removeLabCgroup(path: string, lab: string, { wait } = { wait: true }): void {
  removeCgroups(path, `nslab.${lab}.`, path, wait)
}

/** @param labPath the lab's own, whose name begins with `prefix` */
function removeCgroups(path: string, prefix: string, labPath: string, wait: boolean): void {
  const mountinfo = attempt('read', MOUNTINFO, () => readFileSync(MOUNTINFO, 'utf8'))
  const isBelowMount = cgroupMounts(mountinfo).some(({ target }) => path.startsWith(`${target}/`))
  if (!isBelowMount || path !== join(path) || !basename(labPath).startsWith(prefix)) return
  for (let tries = 0; tries < REMOVAL_TRIES; tries++) {
    if (removeTree(path)) return
    if (!wait) break
    // The kernel releases the keeper's lock a moment before it has ended all nodes.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, REMOVAL_PAUSE_MS)
  }
  throw new KernelError({ operation: 'remove cgroup', target: path, errno: constants.errno.EBUSY })
}

/**
 * Removes the cgroup of a node whose processes have ended, with those that it has made; a shared one stays.
 *
 * @param path as the lab's state has it
 * @throws KernelError as `removeLabCgroup`
 */
export function removeNodeCgroup(path: string, lab: string): void {
  if (basename(path) !== SHARED) removeCgroups(path, `nslab.${lab}.`, dirname(path), true)
}

/**
 * Removes the cgroups of nodes that a lab does not have.
 *
 * @param path the lab's cgroup, as its state has it
 * @param names those of the cgroups that its nodes have
 * @returns the failures
 */
export function removeOtherNodeCgroups(path: string, lab: string, names: ReadonlySet<string>): unknown[] {
  const failures: unknown[] = []
  try {
    for (const name of directoriesIn(path).filter((each) => each.endsWith(NODE_SUFFIX) && !names.has(each))) {
      try {
        removeNodeCgroup(join(path, name), lab)
      } catch (error) {
        failures.push(error)
      }
    }
  } catch (error) {
    failures.push(error)
  }
  return failures
}

/** Removes a cgroup and the cgroups below it. @returns false when one of them has processes */
function removeTree(path: string): boolean {
  // Most cgroups have none below them, and trying is faster than listing.
  if (removeOne(path)) return true
  const inner = directoriesIn(path)
  return inner.length > 0 && inner.every((name) => removeTree(join(path, name))) && removeOne(path)
}

/** Removes one cgroup. @returns false when it has processes or other cgroups */
function removeOne(path: string): boolean {
  const outcome = attemptIf([EBUSY, ENOENT], 'remove cgroup', path, () => {
    rmdirSync(path)
    return 'removed'
  })
  return outcome === 'removed' || !isThere(path)
}

const directoriesIn = (path: string): string[] =>
  attempt('list', path, () => readdirSync(path, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)

const isWritable = (path: string): boolean => isAllowed(path, files.W_OK)

const readText = (path: string): string => readIfThere(path) ?? ''
