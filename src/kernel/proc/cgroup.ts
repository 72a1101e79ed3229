// The control groups that this process is in (cgroups(7)): which versions, and how many processes and how much memory their
// limits still allow.
import { posix } from 'node:path'
import { numberOf, readIfThere, readNumber } from '../small-file.js'
import { type MountEntry, readMounts } from './mount-table.js'

/** How much the limits still allow. */
export interface CgroupRoom {
  /** Processes and threads; Infinity without a limit. */
  tasks: number
  /** Bytes; Infinity without a limit. */
  memory: number
}

export type CgroupVersions = 'none' | 'version 1' | 'version 2' | 'versions 1 and 2'

/** A line of /proc/self/cgroup. */
interface Membership {
  /** Controllers of a hierarchy of version 1; empty for version 2, and for a named hierarchy of version 1. */
  controllers: readonly string[]
  isVersion2: boolean
  path: string
}

/** Names of the files that a cgroup directory has; they differ between the versions. */
interface Files {
  tasksMax: string
  tasksCurrent: string
  memoryMax: string
  memoryCurrent: string
  /** Field of memory.stat: page cache that the kernel can reclaim at once. */
  reclaimable: string
}

const VERSION_1: Files = {
  tasksMax: 'pids.max',
  tasksCurrent: 'pids.current',
  memoryMax: 'memory.limit_in_bytes',
  memoryCurrent: 'memory.usage_in_bytes',
  reclaimable: 'total_inactive_file',
}

const VERSION_2: Files = {
  tasksMax: 'pids.max',
  tasksCurrent: 'pids.current',
  memoryMax: 'memory.max',
  memoryCurrent: 'memory.current',
  reclaimable: 'inactive_file',
}

/** The versions of the cgroups that this process is in. */
export function cgroupVersions(): CgroupVersions {
  const memberships = readMemberships()
  const has1 = memberships.some(({ controllers }) => controllers.length > 0)
  const has2 = memberships.some(({ isVersion2 }) => isVersion2)
  if (has1 && has2) return 'versions 1 and 2'
  return has1 ? 'version 1' : has2 ? 'version 2' : 'none'
}

/** What this process's cgroups allow, each value by its tightest limit. Cgroups that are not visible here are left out. */
export function cgroupRoom(): CgroupRoom {
  const mounts = readMounts()
  const rooms = readMemberships().flatMap((membership) => {
    const files = membership.isVersion2 ? VERSION_2 : VERSION_1
    return directoriesOf(membership, mounts).map((directory) => roomOf(directory, files))
  })
  return {
    tasks: Math.min(Number.POSITIVE_INFINITY, ...rooms.map(({ tasks }) => tasks)),
    memory: Math.min(Number.POSITIVE_INFINITY, ...rooms.map(({ memory }) => memory)),
  }
}

const readMemberships = (): Membership[] => parseMemberships(readIfThere('/proc/self/cgroup') ?? '')

export const parseMemberships = (text: string): Membership[] =>
  text
    .split('\n')
    .map((line) => /^([0-9]+):([^:]*):(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, hierarchy, controllers = '', path = '/']) => ({
      controllers: controllers.split(',').filter((name) => name !== '' && !name.startsWith('name=')),
      isVersion2: hierarchy === '0',
      path,
    }))

/** The directory of a cgroup and the directories of the cgroups above it, as far as they are mounted here. */
export function directoriesOf({ controllers, isVersion2, path }: Membership, mounts: readonly MountEntry[]): string[] {
  const mount = mounts.find(({ type, superOptions }) =>
    isVersion2 ? type === 'cgroup2' : type === 'cgroup' && controllers.some((name) => superOptions.includes(name)),
  )
  if (!mount) return []
  const below = posix.relative(mount.root, path)
  // The cgroup may lie outside the mounted part of the hierarchy, or outside this cgroup namespace: `/../other`.
  const isOutside = below.startsWith('..') || path.startsWith('/..')
  const names = isOutside ? [] : below.split('/').filter((name) => name !== '')
  return [...names.keys(), names.length].map((depth) => posix.join(mount.target, ...names.slice(0, depth)))
}

function roomOf(directory: string, files: Files): CgroupRoom {
  const read = (name: string) => readNumber(posix.join(directory, name))
  const tasksMax = read(files.tasksMax) ?? Number.POSITIVE_INFINITY
  const memoryMax = read(files.memoryMax) ?? Number.POSITIVE_INFINITY
  const stat = readIfThere(posix.join(directory, 'memory.stat')) ?? ''
  const reclaimable = numberOf(new RegExp(`^${files.reclaimable} ([0-9]+)$`, 'm').exec(stat)?.[1] ?? '') ?? 0
  return {
    tasks: tasksMax - (read(files.tasksCurrent) ?? 0),
    // Version 1 shows a number near 2^63 if there is no limit.
    memory: memoryMax > 2 ** 60 ? Number.POSITIVE_INFINITY : memoryMax - (read(files.memoryCurrent) ?? 0) + reclaimable,
  }
}
