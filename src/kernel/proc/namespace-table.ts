// Every namespace on the machine that the caller can find: those that processes are in, those that a bind mount keeps, and
// the user and PID namespaces above them. One that only an open descriptor keeps has no name to be found by.

import { closeSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import { KernelError } from '../../errors.js'
import { NAMESPACE_KINDS, type NamespaceKind } from '../../namespace-kinds.js'
import { ioctl } from '../libc.js'
import { identityOf, type NamespaceIdentity, withNamespace } from '../namespaces.js'
import { NS_GET_PARENT, NS_GET_USERNS } from '../nsfs.js'
import { readIfThere } from '../small-file.js'
import { listPids } from './list-processes.js'
import { parseMounts } from './mount-table.js'

export interface FoundNamespace extends NamespaceIdentity {
  /** Inode of the user namespace it belongs to; null where that is not the caller's or below it. */
  owner: number | null
  processes: number
  /** Lowest PID; null without a process. */
  firstPid: number | null
  mountedAt: string | null
}

export interface NamespaceTable {
  /** By kind, then by inode. */
  namespaces: FoundNamespace[]
  /** How many processes may not be traced by the caller (ptrace(2)), and so not be looked into. */
  unreadable: number
}

export function readNamespaceTable(): NamespaceTable {
  const found = new Found()
  const unreadable = listPids().filter((pid) => !found.addProcess(pid)).length
  found.addMounts()
  const order = (each: FoundNamespace) => NAMESPACE_KINDS.indexOf(each.kind)
  const namespaces = found.all.sort((a, b) => order(a) - order(b) || a.inode - b.inode)
  return { namespaces, unreadable }
}

/** The PID namespaces above a process's own, nearest first, as far as the caller may see. @throws KernelError. */
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

class Found {
  private readonly byKey = new Map<string, FoundNamespace>()

  get all(): FoundNamespace[] {
    return [...this.byKey.values()]
  }

  /** @returns false when the caller may not know. */
  addProcess(pid: number): boolean {
    for (const kind of NAMESPACE_KINDS) {
      const path = `/proc/${pid}/ns/${kind}`
      try {
        const stats = statSync(path, { throwIfNoEntry: false })
        if (!stats) continue
        const entry = this.at({ kind, inode: stats.ino, device: stats.dev }, path)
        entry.processes++
        entry.firstPid ??= pid
      } catch (error) {
        const name = errnoOf(error)
        if (name === 'EACCES' || name === 'EPERM') return false
        if (name !== 'ENOENT' && name !== 'ESRCH') throw error
      }
    }
    return true
  }

  /** Those of ip-netns(8), unshare(1) and the like. */
  addMounts(): void {
    for (const { type, root, target } of parseMounts(readIfThere('/proc/self/mountinfo') ?? '')) {
      const kind = type === 'nsfs' ? /^([a-z]+):\[/.exec(root)?.[1] : undefined
      const known = NAMESPACE_KINDS.find((each) => each === kind)
      if (!known) continue
      try {
        const identity = withNamespace(target, (fd) => identityOf(fd, known))
        // What is mounted over it meanwhile is another.
        if (root === `${known}:[${identity.inode}]`) this.at(identity, target).mountedAt ??= target
      } catch (error) {
        if (!(error instanceof KernelError)) throw error
      }
    }
  }

  /** Looks only at what is not known yet: a process has eight namespaces, but few that no other has. */
  private at(identity: NamespaceIdentity, path: string): FoundNamespace {
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

  /** What a namespace belongs to or is below of; null where that is not the caller's or below it (EPERM). */
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

const errnoOf = (error: unknown): string | undefined =>
  error instanceof KernelError ? error.errnoName : (error as NodeJS.ErrnoException).code
