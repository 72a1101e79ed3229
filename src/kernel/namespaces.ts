// Namespaces (namespaces(7)): lists those of a process, compares two, and moves the calling thread between them. The moves
// that the kernel refuses to a program with threads are made by `cloneInto` (clone-into.ts).
import { closeSync, fstatSync, openSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import { KernelError, LabError } from '../errors.js'
import { NAMESPACE_KINDS, type NamespaceKind } from '../namespace-kinds.js'
import { attempt } from './attempt.js'
import * as libc from './libc.js'
import { NS_GET_OWNER_UID, NS_GET_USERNS } from './nsfs.js'

/** The CLONE_NEW* bit of each kind (linux/sched.h). */
export const NAMESPACE_FLAGS = {
  user: libc.CLONE_NEWUSER,
  pid: libc.CLONE_NEWPID,
  mnt: libc.CLONE_NEWNS,
  uts: libc.CLONE_NEWUTS,
  ipc: libc.CLONE_NEWIPC,
  net: libc.CLONE_NEWNET,
  cgroup: libc.CLONE_NEWCGROUP,
  time: libc.CLONE_NEWTIME,
} as const satisfies Record<NamespaceKind, number>

/** One namespace. Device and inode number together identify it (namespaces(7)); see `sameNamespace`. */
export interface NamespaceIdentity {
  kind: NamespaceKind
  /** Inode number, as `ls -Li /proc/PID/ns/` shows it. The kernel uses it again after the namespace has ended. */
  inode: number
  /** Device number of nsfs. */
  device: number
}

/** The namespaces of a process; null for a kind that this kernel was built without. */
export type NamespacesOfProcess = Record<NamespaceKind, NamespaceIdentity | null>

/**
 * Moves the calling thread into new namespaces: unshare(2).
 *
 * Node.js has several threads, and only the calling one is moved. The new namespaces hold for JavaScript in this thread and
 * for the children that it starts, and not for work in the thread pool (asynchronous fs, dns). A new `pid` or `time` namespace
 * holds only for children that are started later. A new `user` namespace is always refused with EINVAL, because Node.js has
 * more than one thread; use `cloneInto`. With a new `mnt` namespace, the thread also no longer shares its working directory
 * and umask with the other threads (CLONE_FS). The only way back is `setns`.
 *
 * @throws LabError USAGE for a word that is not a kind of namespace. KernelError EPERM without CAP_SYS_ADMIN, EINVAL for
 * `user` and for kinds this kernel lacks, ENOSPC beyond /proc/sys/user/max_*_namespaces.
 */
export function unshare(kinds: readonly NamespaceKind[]): void {
  requireKinds(kinds)
  withThreadHint('make namespaces', kinds, () =>
    libc.unshare(kinds.reduce((bits, kind) => bits | NAMESPACE_FLAGS[kind], 0)),
  )
}

/**
 * Moves the calling thread into a namespace: setns(2). As with `unshare`, the other threads stay where they are.
 *
 * Because Node.js has several threads, the kernel refuses three kinds even to root: `user` (EINVAL), `mnt` (EINVAL, unless this
 * thread has made a new mount namespace before) and `time` (EUSERS). `cloneInto` starts a program in those. A `pid` namespace
 * holds only for children that are started later, and must be a descendant of the caller's.
 *
 * @param fd an open /proc/PID/ns/KIND file, which the caller closes; see `openNamespace`
 * @param kind the kind that the namespace must have; EINVAL if it has another
 * @throws LabError USAGE for a word that is not a kind of namespace. KernelError EBADF, EINVAL, EPERM, EUSERS.
 */
export function setns(fd: number, kind: NamespaceKind): void {
  requireKinds([kind])
  withThreadHint('enter namespace', [kind], () => libc.setns(fd, NAMESPACE_FLAGS[kind], kind))
}

/** Opens a namespace of a process; it exists as long as the descriptor is open. The caller closes it. @throws KernelError. */
export function openNamespace(pid: number, kind: NamespaceKind): number {
  const path = `/proc/${pid}/ns/${kind}`
  return attempt('open namespace', path, () => openSync(path, 'r'))
}

/**
 * Lists the namespaces of a process: /proc/PID/ns (namespaces(7)). They are read one after the other, so the list of a process
 * that changes namespaces meanwhile may mix old and new ones.
 *
 * @throws KernelError ESRCH when there is no such process, EACCES when the caller may not trace it (ptrace(2)).
 */
export function listNamespaces(pid: number): NamespacesOfProcess {
  const directory = `/proc/${pid}/ns`
  if (!attempt('read namespaces', directory, () => statSync(directory, { throwIfNoEntry: false }))) {
    throw new KernelError({ operation: 'read namespaces', target: `process ${pid}`, errno: constants.errno.ESRCH })
  }
  const entries = NAMESPACE_KINDS.map((kind) => [kind, identityAt(`${directory}/${kind}`, kind)])
  return Object.fromEntries(entries) as NamespacesOfProcess
}

/** Whether two identities are of one namespace: compares device and inode number, as namespaces(7) says. false for null. */
export const sameNamespace = (a: NamespaceIdentity | null, b: NamespaceIdentity | null): boolean =>
  a !== null && b !== null && a.kind === b.kind && a.inode === b.inode && a.device === b.device

/** The identity of the namespace that a descriptor is open on. `kind` is not checked. @throws KernelError */
export function identityOf(fd: number, kind: NamespaceKind): NamespaceIdentity {
  const { ino, dev } = attempt('examine namespace', `descriptor ${fd}`, () => fstatSync(fd))
  return { kind, inode: ino, device: dev }
}

/** Opens a namespace file, runs `read` with its descriptor, and closes it. @throws KernelError when it cannot be opened. */
export function withNamespace<T>(path: string, read: (fd: number) => T): T {
  const fd = attempt('open namespace', path, () => openSync(path, 'r'))
  try {
    return read(fd)
  } finally {
    closeSync(fd)
  }
}

/**
 * User id of the creator of a user namespace, or of the user namespace that owns a namespace of another kind (ioctl_nsfs(2)).
 *
 * @param fd an open descriptor of the namespace
 * @throws KernelError EPERM when the user namespace is not the caller's or a descendant of it
 */
export function ownerOf(fd: number, kind: NamespaceKind): number {
  const operation = 'find the owner of namespace'
  const uid = Buffer.alloc(4)
  const ask = (users: number) => libc.ioctlPointer(users, NS_GET_OWNER_UID, uid, operation, `descriptor ${users}`)
  if (kind === 'user') {
    ask(fd)
    return uid.readUInt32LE()
  }
  const users = libc.ioctl(fd, NS_GET_USERNS, operation, `descriptor ${fd}`)
  try {
    ask(users)
    return uid.readUInt32LE()
  } finally {
    closeSync(users)
  }
}

function identityAt(path: string, kind: NamespaceKind): NamespaceIdentity | null {
  const stats = attempt('read namespace', path, () => statSync(path, { throwIfNoEntry: false }))
  return stats ? { kind, inode: stats.ino, device: stats.dev } : null
}

/**
 * Checks kinds for callers without static types: an unknown kind would set no CLONE_NEW* bit and be ignored silently.
 *
 * @throws LabError USAGE
 */
export function requireKinds(kinds: readonly NamespaceKind[]): void {
  const unknown = kinds.find((kind) => !NAMESPACE_KINDS.includes(kind))
  if (unknown === undefined) return
  throw new LabError('USAGE', `there is no kind of namespace ${JSON.stringify(unknown)}`, {
    hint: `there are ${NAMESPACE_KINDS.join(', ')}`,
  })
}

/** Kinds that the kernel refuses, by operation, because the process has several threads. */
const REFUSED_TO_THREADS: Record<string, readonly NamespaceKind[]> = {
  'make namespaces': ['user'],
  'enter namespace': ['user', 'mnt', 'time'],
}

/** Runs a call; if the kernel refused it because of threads, the error gets a hint that says so. */
function withThreadHint(operation: string, kinds: readonly NamespaceKind[], call: () => void): void {
  try {
    call()
  } catch (cause) {
    const { errno } = cause as KernelError
    const isThreads = errno === constants.errno.EINVAL || errno === EUSERS
    const forbidden = isThreads ? kinds.filter((kind) => REFUSED_TO_THREADS[operation]?.includes(kind)) : []
    const hint = `a program with threads, such as Node.js, may not do this with ${forbidden.join(' and ')}: use cloneInto`
    throw new KernelError(
      { operation, target: kinds.join(', '), errno, ...(forbidden.length === 0 ? {} : { hint }) },
      { cause },
    )
  }
}

/** asm-generic/errno.h; Node.js has no constant for it. */
const EUSERS = 87
