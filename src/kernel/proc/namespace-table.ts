// All namespaces of the machine that the caller can find: namespaces of processes, namespaces that a bind mount keeps, and the
// user and PID namespaces above them. A namespace that only an open descriptor keeps has no path and cannot be found.

import { closeSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import { KernelError } from '../../errors.js'
import { NAMESPACE_KINDS, type NamespaceKind } from '../../namespace-kinds.js'
import { ABSENT, attempt, FORBIDDEN } from '../attempt.js'
import { ioctl } from '../libc.js'
import { identityOf, type NamespaceIdentity, withNamespace } from '../namespaces.js'
import { NS_GET_PARENT, NS_GET_USERNS } from '../nsfs.js'
import { readIfThere } from '../small-file.js'
import { listPids } from './list-processes.js'
import { parseMounts } from './mount-table.js'

export interface FoundNamespace extends NamespaceIdentity {
  /** Inode of the user namespace that owns it; null unless that one is the caller's or a descendant. */
  owner: number | null
  /** Number of processes in it. */
  processes: number
  /** Lowest PID of its processes; null when it has none. */
  firstPid: number | null
  /** Path of a bind mount that keeps it; null when there is none. */
  mountedAt: string | null
}

export interface NamespaceTable {
  /** Sorted by kind, then by inode. */
  namespaces: FoundNamespace[]
  /** Number of processes whose namespaces the caller may not read, because it may not trace them (ptrace(2)). */
  unreadable: number
}

/** Reads the table of all namespaces. @throws KernelError */
export function readNamespaceTable(): NamespaceTable {
  const collector = new NamespaceCollector()
  const unreadable = listPids().filter((pid) => !collector.addProcess(pid)).length
  collector.addMounts()
  const order = (each: FoundNamespace) => NAMESPACE_KINDS.indexOf(each.kind)
  const namespaces = collector.all.sort((a, b) => order(a) - order(b) || a.inode - b.inode)
  return { namespaces, unreadable }
}

/** The PID namespaces above that of a process, nearest first, as far as the caller may see them. @throws KernelError. */
export function pidNamespacesAbove(pid: number): NamespaceIdentity[] {
  const above = (fd: number): NamespaceIdentity[] => {
    const parent = namespaceAbove(fd, NS_GET_PARENT)
    if (parent === null) return []
    try {
      return [identityOf(parent, 'pid'), ...above(parent)]
    } finally {
      closeSync(parent)
    }
  }
  return withNamespace(`/proc/${pid}/ns/pid`, above)
}

class NamespaceCollector {
  private readonly byKey = new Map<string, FoundNamespace>()

  get all(): FoundNamespace[] {
    return [...this.byKey.values()]
  }

  /** Adds the namespaces of a process. @returns false when the caller may not read them */
  addProcess(pid: number): boolean {
    for (const kind of NAMESPACE_KINDS) {
      const path = `/proc/${pid}/ns/${kind}`
      try {
        const stats = attempt('read namespace', path, () => statSync(path, { throwIfNoEntry: false }))
        if (!stats) continue
        const entry = this.lookUp({ kind, inode: stats.ino, device: stats.dev }, path)
        entry.processes++
        entry.firstPid ??= pid
      } catch (error) {
        if (!(error instanceof KernelError)) throw error
        if (FORBIDDEN.includes(error.errno)) return false
        if (!ABSENT.includes(error.errno)) throw error
      }
    }
    return true
  }

  /** Adds namespaces that a bind mount keeps, such as those of ip-netns(8) and `unshare --net=FILE` (unshare(1)). */
  addMounts(): void {
    for (const { type, root, target } of parseMounts(readIfThere('/proc/self/mountinfo') ?? '')) {
      const kind = type === 'nsfs' ? /^([a-z]+):\[/.exec(root)?.[1] : undefined
      const known = NAMESPACE_KINDS.find((each) => each === kind)
      if (!known) continue
      try {
        const identity = withNamespace(target, (fd) => identityOf(fd, known))
        // Another namespace may have been mounted over it meanwhile.
        if (root === `${known}:[${identity.inode}]`) this.lookUp(identity, target).mountedAt ??= target
      } catch (error) {
        // The mount is gone or hidden meanwhile.
        if (!(error instanceof KernelError && [...ABSENT, ...FORBIDDEN].includes(error.errno))) throw error
      }
    }
  }

  /** Opens the namespace only if it is not in the table yet: most of a process's eight namespaces are shared with others. */
  private lookUp(identity: NamespaceIdentity, path: string): FoundNamespace {
    return this.byKey.get(keyOf(identity)) ?? withNamespace(path, (fd) => this.add(fd, identity.kind))
  }

  private add(fd: number, kind: NamespaceKind): FoundNamespace {
    const identity = identityOf(fd, kind)
    const known = this.byKey.get(keyOf(identity))
    if (known) return known
    const owner = this.above(fd, NS_GET_USERNS, 'user')?.inode ?? null
    if (kind === 'pid') this.above(fd, NS_GET_PARENT, 'pid')
    const made = { ...identity, owner, processes: 0, firstPid: null, mountedAt: null }
    this.byKey.set(keyOf(identity), made)
    return made
  }

  /** Adds the owner or the parent of a namespace; null unless that one is the caller's or a descendant (EPERM). */
  private above(fd: number, request: number, kind: NamespaceKind): FoundNamespace | null {
    const above = namespaceAbove(fd, request)
    if (above === null) return null
    try {
      return this.add(above, kind)
    } finally {
      closeSync(above)
    }
  }
}

const keyOf = ({ device, inode }: NamespaceIdentity): string => `${device}:${inode}`

function namespaceAbove(fd: number, request: number): number | null {
  try {
    return ioctl(fd, request, 'find the namespace above', `descriptor ${fd}`)
  } catch (error) {
    if (error instanceof KernelError && error.errno === constants.errno.EPERM) return null
    throw error
  }
}
