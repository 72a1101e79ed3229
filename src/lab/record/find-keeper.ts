// Finds the keepers of labs among the processes, by the lock that each holds. That proves that a lab is alive whatever its
// directory contains, and also when lock or directory have been removed.
import { readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { ABSENT, attemptIf, FORBIDDEN } from '../../kernel/attempt.js'
import { listPids, readProcessStatus } from '../../kernel/proc/list-processes.js'
import { requireProc } from '../../kernel/proc/require-proc.js'
import { readIfThere } from '../../kernel/small-file.js'
import { callerOf } from '../who/caller.js'
import { isRunning, type ProcessIdentity, startTimeOf, uidOf } from '../who/process-identity.js'
import { LAB_NAME } from './lab-name.js'

/** A keeper that holds the lock of a lab. */
export interface FoundKeeper extends ProcessIdentity {
  /** Name of its lab. */
  lab: string
  /** Path of the directory that the lock is in, or was in when it was removed. */
  directory: string
  /** Device and inode of the lock. */
  lock: string
  /** The lock was removed. */
  isLockRemoved: boolean
}

/**
 * The variable in which a program that runs again in a user namespace is told the keepers of the user's labs: from there, the
 * kernel does not let it examine the descriptors of most (ptrace(2), PTRACE_MODE_READ).
 */
export const KEEPERS_VARIABLE = 'NSLAB_KEEPERS'

/** What readlink(2) adds to the path of a file that has been removed (proc_pid_fd(5)). */
const REMOVED = ' (deleted)'

/** The keepers of all labs of a user. Reads a file of every process. @throws KernelError */
export function findKeepers(uid = process.geteuid?.() ?? 0): FoundKeeper[] {
  requireProc()
  const seen = listPids().flatMap((pid) => {
    // The name is cut off after 15 bytes, and reading it is cheaper than reading the title.
    if (!readIfThere(`/proc/${pid}/comm`)?.startsWith('nslab: ')) return []
    return keeperAt(pid, uid) ?? []
  })
  const pids = new Set(seen.map(({ pid }) => pid))
  return [...seen, ...keepersTold().filter(({ pid }) => !pids.has(pid))]
}

/** The keepers that this program saw before it ran again in a user namespace, and that still run. */
function keepersTold(): FoundKeeper[] {
  if (!callerOf().rootless) return []
  return (JSON.parse(process.env[KEEPERS_VARIABLE] || '[]') as FoundKeeper[]).filter(isRunning)
}

/** Returns a function that finds the keepers of all labs of the caller when it is first called. @throws KernelError */
export function scanOnce(): () => FoundKeeper[] {
  let found: FoundKeeper[] | undefined
  return () => (found ??= findKeepers())
}

/** The keeper with this PID; null when the process is no keeper of a lab of this user. @throws KernelError */
export function keeperAt(pid: number, uid = process.geteuid?.() ?? 0): FoundKeeper | null {
  const startTime = startTimeOf(pid)
  const title = titleOf(pid)
  const lab = title.startsWith('nslab: ') ? title.slice('nslab: '.length) : ''
  if (startTime === null || !LAB_NAME.test(lab) || uidOf(pid) !== uid || !isFirstOfNamespace(pid)) return null
  const held = heldLock(pid)
  return held && startTimeOf(pid) === startTime ? { pid, startTime, lab, ...held } : null
}

/**
 * Whether a process has the title of the keeper of a lab, also where its descriptors may not be examined. Only to leave alone what
 * may be that lab's: any process can have that title. @throws KernelError
 */
export const isTitledKeeper = (pid: number, lab: string): boolean => titleOf(pid) === `nslab: ${lab}`

const titleOf = (pid: number): string => (readIfThere(`/proc/${pid}/cmdline`) ?? '').replace(/\0+$/, '')

/** Whether the lock that a keeper holds is, or was, that of the lab with this directory. @throws KernelError */
export function holdsLockOf({ directory: its, lock }: FoundKeeper, directory: string): boolean {
  if (its === directory || its === canonical(directory)) return true
  const there = lockIn(directory)
  if (there === null || identityOf(there) !== lock) return false
  // A file with two names is that of the lab that has it still.
  const own = there.nlink > 1 ? lockIn(its) : null
  return own === null || identityOf(own) !== lock
}

const lockIn = (directory: string) =>
  attemptIf(ABSENT, 'read', `${directory}/lock`, () => statSync(`${directory}/lock`))

/** The path without symbolic links, as the kernel gives it. What does not exist any more is left as it is. */
export function canonical(path: string): string {
  const found = attemptIf(ABSENT, 'find', path, () => realpathSync(path))
  if (found !== null) return found
  return path === dirname(path) ? path : `${canonical(dirname(path)).replace(/\/$/, '')}/${basename(path)}`
}

/** A keeper is PID 1 of the PID namespace of its lab. */
const isFirstOfNamespace = (pid: number): boolean => {
  const { nsPids = [] } = readProcessStatus(pid) ?? {}
  return nsPids.length > 1 && nsPids.at(-1) === 1
}

const identityOf = ({ dev, ino }: { dev: number; ino: number }): string => `${dev}:${ino}`

/** The lock of a lab that a process holds: an open file `lock` that it has locked. Its directory may have been moved. */
function heldLock(pid: number): Pick<FoundKeeper, 'directory' | 'lock' | 'isLockRemoved'> | null {
  const fds = ofOwn(`/proc/${pid}/fd`, (path) => readdirSync(path)) ?? []
  for (const fd of fds.map(Number).sort((a, b) => a - b)) {
    const link = ofOwn(`/proc/${pid}/fd/${fd}`, (path) => readlinkSync(path)) ?? ''
    const path = link.endsWith(REMOVED) ? link.slice(0, -REMOVED.length) : link
    if (!path.endsWith('/lock')) continue
    if (!/^lock:\t.* FLOCK .* WRITE /m.test(readIfThere(`/proc/${pid}/fdinfo/${fd}`) ?? '')) continue
    const stats = ofOwn(`/proc/${pid}/fd/${fd}`, (each) => statSync(each))
    if (stats) return { directory: dirname(path), lock: identityOf(stats), isLockRemoved: stats.nlink === 0 }
  }
  return null
}

/** Reads a file about a process; null when the process has ended or may not be examined. */
const ofOwn = <T>(path: string, read: (path: string) => T): T | null =>
  attemptIf([...ABSENT, ...FORBIDDEN], 'read', path, () => read(path))
