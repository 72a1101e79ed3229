// The control groups this process is in (cgroups(7)): which versions there are, and how much room they leave.
import { posix } from 'node:path'
import { numberOf, readIfThere, readNumber } from '../small-file.js'
import { type MountEntry, readMounts } from './mount-table.js'

export interface CgroupRoom {
  /** Processes; Infinity without a limit. */
  tasks: number
  /** Bytes. */
  memory: number
}

export type CgroupVersions = 'none' | 'version 1' | 'version 2' | 'versions 1 and 2'

/** A line of /proc/self/cgroup. */
interface Membership {
  /** Of version 1; empty for version 2, and for a hierarchy with a name instead. */
  controllers: readonly string[]
  isVersion2: boolean
  path: string
}

/** Names of the files of each version. */
interface Files {
  tasksMost: string
  tasksNow: string
  memoryMost: string
  memoryNow: string
  /** In memory.stat: what can be taken back at once. */
  reclaimable: string
}

const VERSION_1: Files = {
  tasksMost: 'pids.max',
  tasksNow: 'pids.current',
  memoryMost: 'memory.limit_in_bytes',
  memoryNow: 'memory.usage_in_bytes',
  reclaimable: 'total_inactive_file',
}

const VERSION_2: Files = {
  tasksMost: 'pids.max',
  tasksNow: 'pids.current',
  memoryMost: 'memory.max',
  memoryNow: 'memory.current',
  reclaimable: 'inactive_file',
}

/** Which versions this process is in groups of. */
export function cgroupVersions(): CgroupVersions {
  const memberships = readMemberships()
  const has1 = memberships.some(({ controllers }) => controllers.length > 0)
  const has2 = memberships.some(({ isVersion2 }) => isVersion2)
  if (has1 && has2) return 'versions 1 and 2'
  return has1 ? 'version 1' : has2 ? 'version 2' : 'none'
}

/** What the tightest of this process's groups leaves. Groups that cannot be seen from here do not count. */
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

/** The group's directory and those above it, as far as they are mounted here. */
export function directoriesOf({ controllers, isVersion2, path }: Membership, mounts: readonly MountEntry[]): string[] {
  const mount = mounts.find(({ type, superOptions }) =>
    isVersion2 ? type === 'cgroup2' : type === 'cgroup' && controllers.some((name) => superOptions.includes(name)),
  )
  if (!mount) return []
  const below = posix.relative(mount.root, path)
  // The path may lead outside what is mounted, or outside this cgroup namespace: `/../other`.
  const isOutside = below.startsWith('..') || path.startsWith('/..')
  const names = isOutside ? [] : below.split('/').filter((name) => name !== '')
  return [...names.keys(), names.length].map((depth) => posix.join(mount.target, ...names.slice(0, depth)))
}

function roomOf(directory: string, files: Files): CgroupRoom {
  const read = (name: string) => readNumber(posix.join(directory, name))
  const tasksMost = read(files.tasksMost) ?? Number.POSITIVE_INFINITY
  const memoryMost = read(files.memoryMost) ?? Number.POSITIVE_INFINITY
  const stat = readIfThere(posix.join(directory, 'memory.stat')) ?? ''
  const reclaimable = numberOf(new RegExp(`^${files.reclaimable} ([0-9]+)$`, 'm').exec(stat)?.[1] ?? '') ?? 0
  return {
    tasks: tasksMost - (read(files.tasksNow) ?? 0),
    // Version 1 has a number near 2^63 for no limit.
    memory: memoryMost > 2 ** 60 ? Number.POSITIVE_INFINITY : memoryMost - (read(files.memoryNow) ?? 0) + reclaimable,
  }
}
