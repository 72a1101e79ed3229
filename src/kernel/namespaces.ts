// Namespaces as the kernel has them (namespaces(7)): which a process is in, whether two are one, moving the calling thread
// between them. What a program with threads may not do, `cloneInto` does (clone-into.ts).
import { closeSync, existsSync, fstatSync, openSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import { KernelError, LabError } from '../errors.js'
import { NAMESPACE_KINDS, type NamespaceKind } from '../namespace-kinds.js'
import { attempt } from './attempt.js'
import * as libc from './libc.js'

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

/** One namespace. Two of them are the same when device and inode number both are (namespaces(7)); see `sameNamespace`. */
export interface NamespaceIdentity {
  kind: NamespaceKind
  /** Inode number, as `ls -Li /proc/PID/ns/` shows it. Used again once the namespace is gone. */
  inode: number
  /** Device number of nsfs. */
  device: number
}

/** A process's namespaces; null for a kind that this kernel was built without. */
export type NamespacesOfProcess = Record<NamespaceKind, NamespaceIdentity | null>

/**
 * Moves the calling thread into new namespaces: unshare(2).
 *
 * Node.js has threads, and only the one that calls is moved: JavaScript of the main thread, the children that it starts, and
 * nothing that runs in the thread pool (asynchronous fs, dns). A new `pid` or `time` namespace is for later children only. A
 * new `user` namespace is for processes with one thread alone: EINVAL, always; use `cloneInto`. A new `mnt` namespace also
 * parts the thread's working directory and umask from those of the others (CLONE_FS). There is no way back but `setns`.
 *
 * @throws LabError USAGE for a word that is no kind. KernelError EPERM without CAP_SYS_ADMIN, EINVAL for `user` and for
 * kinds this kernel lacks, ENOSPC beyond /proc/sys/user/max_*_namespaces.
 */
export function unshare(kinds: readonly NamespaceKind[]): void {
  requireKinds(kinds)
  hinted('make namespaces', kinds, () => libc.unshare(kinds.reduce((bits, kind) => bits | NAMESPACE_FLAGS[kind], 0)))
}

/**
 * Moves the calling thread into a namespace: setns(2). The same caution as for `unshare`: other threads stay.
 *
 * Node.js's threads forbid three kinds, whoever calls: `user` (EINVAL), `mnt` (EINVAL, unless this thread has made a mount
 * namespace of its own before), `time` (EUSERS). `cloneInto` starts a program in those. A `pid` namespace is entered by later
 * children only, and must be a descendant of the caller's.
 *
 * @param fd an open /proc/PID/ns/KIND file, which the caller closes; see `openNamespace`
 * @param kind what it must be, else EINVAL
 * @throws LabError USAGE for a word that is no kind. KernelError EBADF, EINVAL, EPERM, EUSERS.
 */
export function setns(fd: number, kind: NamespaceKind): void {
  requireKinds([kind])
  hinted('enter namespace', [kind], () => libc.setns(fd, NAMESPACE_FLAGS[kind], kind))
}

/** Opens a process's namespace; it lives on while the descriptor is open. The caller closes it. @throws KernelError. */
export function openNamespace(pid: number, kind: NamespaceKind): number {
  const path = `/proc/${pid}/ns/${kind}`
  return attempt('open namespace', path, () => openSync(path, 'r'))
}

/**
 * The namespaces a process is in: /proc/PID/ns (namespaces(7)). They are read one after the other, so a process that moves
 * meanwhile may show some of both.
 *
 * @throws KernelError ESRCH without such a process, EACCES for one that the caller may not trace (ptrace(2)).
 */
export function listNamespaces(pid: number): NamespacesOfProcess {
  const directory = `/proc/${pid}/ns`
  if (!existsSync(directory)) {
    throw new KernelError({ operation: 'read namespaces', target: `process ${pid}`, errno: constants.errno.ESRCH })
  }
  const entries = NAMESPACE_KINDS.map((kind) => [kind, identityAt(`${directory}/${kind}`, kind)])
  return Object.fromEntries(entries) as NamespacesOfProcess
}

/** Whether two namespaces are one: device and inode number compared, as namespaces(7) asks. */
export const sameNamespace = (a: NamespaceIdentity | null, b: NamespaceIdentity | null): boolean =>
  a !== null && b !== null && a.kind === b.kind && a.inode === b.inode && a.device === b.device

/** Which namespace an open descriptor of one is. */
export function identityOf(fd: number, kind: NamespaceKind): NamespaceIdentity {
  const { ino, dev } = fstatSync(fd)
  return { kind, inode: ino, device: dev }
}

/** Runs `read` with a descriptor of a namespace, and closes it. @throws KernelError when it cannot be opened. */
export function withNamespace<T>(path: string, read: (fd: number) => T): T {
  const fd = attempt('open namespace', path, () => openSync(path, 'r'))
  try {
    return read(fd)
  } finally {
    closeSync(fd)
  }
}

function identityAt(path: string, kind: NamespaceKind): NamespaceIdentity | null {
  const stats = attempt('read namespace', path, () => statSync(path, { throwIfNoEntry: false }))
  return stats ? { kind, inode: stats.ino, device: stats.dev } : null
}

/** For callers without types: a word that is no kind would be no bit, and so be done without a word. @throws LabError USAGE */
export function requireKinds(kinds: readonly NamespaceKind[]): void {
  const unknown = kinds.find((kind) => !NAMESPACE_KINDS.includes(kind))
  if (unknown === undefined) return
  throw new LabError('USAGE', `there is no kind of namespace ${JSON.stringify(unknown)}`, {
    hint: `there are ${NAMESPACE_KINDS.join(', ')}`,
  })
}

/** What is forbidden because of threads gets told from what is forbidden otherwise. */
const FORBIDDEN: Record<string, readonly NamespaceKind[]> = {
  'make namespaces': ['user'],
  'enter namespace': ['user', 'mnt', 'time'],
}

function hinted(operation: string, kinds: readonly NamespaceKind[], call: () => void): void {
  try {
    call()
  } catch (cause) {
    const { errno } = cause as KernelError
    const isThreads = errno === constants.errno.EINVAL || errno === EUSERS
    const forbidden = isThreads ? kinds.filter((kind) => FORBIDDEN[operation]?.includes(kind)) : []
    const hint = `a program with threads, such as Node.js, may not do this with ${forbidden.join(' and ')}: use cloneInto`
    throw new KernelError(
      { operation, target: kinds.join(', '), errno, ...(forbidden.length === 0 ? {} : { hint }) },
      { cause },
    )
  }
}

/** asm-generic/errno.h; Node.js does not name it. */
const EUSERS = 87
