// Runs a function in the IPC or UTS namespace of a process, or in new namespaces. Like the network namespace, a thread of Node.js may
// enter these alone.
import { closeSync, openSync } from 'node:fs'
import { constants, hostname } from 'node:os'
import { KernelError } from '../errors.js'
import { attempt } from './attempt.js'
import { CLONE_NEWIPC, CLONE_NEWUTS, setns, unshare } from './libc.js'
import { openHomeNetns, returnOrAbort, type Synchronous } from './netns.js'

const KINDS = { ipc: CLONE_NEWIPC, uts: CLONE_NEWUTS } as const

/**
 * Runs `callback` in a namespace of a process, and returns. Aborts the process if it cannot return.
 *
 * @throws KernelError when the namespace cannot be entered, and whatever `callback` throws
 */
export function inNamespaceOf<T>(pid: number, kind: keyof typeof KINDS, callback: () => Synchronous<T>): T {
  const home = openHome(kind)
  try {
    enter(`/proc/${pid}/ns/${kind}`, KINDS[kind])
    try {
      return callback()
    } finally {
      returnOrAbort(home, KINDS[kind])
    }
  } finally {
    closeSync(home)
  }
}

/** The hostname in the UTS namespace of a process (uts_namespaces(7)). @throws as `inNamespaceOf` */
export const hostnameIn = (pid: number): string => inNamespaceOf(pid, 'uts', hostname)

/**
 * Runs `callback` in a new network, IPC and UTS namespace, and returns. They are gone afterwards. Aborts the process if it cannot return.
 *
 * @throws LabError PRIVILEGE_MISSING, KernelError when the namespaces cannot be made, and whatever `callback` throws
 */
export function inFreshNamespaces<T>(callback: () => Synchronous<T>): T {
  using home = openHomeNetns()
  return home.visitFresh(() => inFresh('ipc', () => inFresh('uts', callback) as Synchronous<T>) as Synchronous<T>)
}

/** Runs `callback` in a new namespace of one kind. */
function inFresh<T>(kind: keyof typeof KINDS, callback: () => Synchronous<T>): T {
  const home = openHome(kind)
  try {
    unshare(KINDS[kind])
    try {
      return callback()
    } finally {
      returnOrAbort(home, KINDS[kind])
    }
  } finally {
    closeSync(home)
  }
}

/**
 * Opens the thread's own namespace, as the one to return to. Root of a user namespace alone may not return to the machine's, and gets
 * a new one first: nothing of Node.js uses System V IPC.
 */
function openHome(kind: keyof typeof KINDS): number {
  const path = `/proc/thread-self/ns/${kind}`
  const home = openNamespace(path)
  try {
    setns(home, KINDS[kind], path)
    return home
  } catch (error) {
    closeSync(home)
    if (!(error instanceof KernelError && error.errno === constants.errno.EPERM)) throw error
    unshare(KINDS[kind])
    return openNamespace(path)
  }
}

function enter(path: string, kind: number): void {
  const there = openNamespace(path)
  try {
    setns(there, kind, path)
  } finally {
    closeSync(there)
  }
}

const openNamespace = (path: string): number => attempt('open namespace', path, () => openSync(path, 'r'))
