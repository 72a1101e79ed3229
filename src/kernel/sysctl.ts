// Kernel parameters of the namespaces that the calling thread is in (sysctl(8), the kernel's ip-sysctl).
import { closeSync, constants as files, fstatSync, openSync, readFileSync, statfsSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { KernelError } from '../errors.js'
import { ABSENT, attempt, attemptIf, FORBIDDEN } from './attempt.js'

const OWN = '/proc/sys'
/** PROC_SUPER_MAGIC, linux/magic.h */
const PROC = 0x9fa0
/** What the process has mounted there, such as a pipe, is not waited for. */
const FLAGS = files.O_RDONLY | files.O_NONBLOCK | files.O_NOFOLLOW
/** A parameter of a kernel that has not what it is about answers EIO; a name is too long for the kernel (ENAMETOOLONG) where none is. */
const GONE = [...ABSENT, ...FORBIDDEN, constants.errno.EIO, constants.errno.EINVAL, constants.errno.EAGAIN]

/**
 * The file of a sysctl. As in sysctl(8), the first separator, a dot or a slash, separates the parts of a key, and the other
 * one stands for a dot in a part: `net.ipv4.conf.eth0/5.rp_filter`.
 */
export function sysctlPath(key: string): string {
  const isDotted = /[./]/.exec(key)?.[0] === '.'
  return `/proc/sys/${isDotted ? key.replace(/[./]/g, (mark) => (mark === '.' ? '/' : '.')) : key}`
}

/** @throws KernelError of the step `write-sysctl`, for the target. */
export function writeSysctl(key: string, value: string, target: string): void {
  try {
    writeFileSync(sysctlPath(key), `${value}\n`)
  } catch (cause) {
    const { errno } = cause as NodeJS.ErrnoException
    if (errno === undefined) throw cause
    throw new KernelError({ step: 'write-sysctl', operation: 'write sysctl', target, errno: -errno }, { cause })
  }
}

/**
 * Reads parameters through the /proc of one process. /proc/sys shows those of the reader, whosever /proc it is; but the kernel keeps the
 * names of all namespaces in one list a mount, so that with a thousand nodes a file of the machine's own /proc took 0.7 ms to
 * find, and one of the node's own /proc 0.04 ms. The owner disposes of it.
 */
export class SysctlTree implements Disposable {
  private constructor(private readonly directory: { fd: number; device: number } | null) {}

  /** @param pid whose root directory has a /proc; null for the caller's own @throws KernelError */
  static open(pid: number | null): SysctlTree {
    return new SysctlTree(pid === null ? null : ofProcess(pid))
  }

  /** The value without the line end, and one blank between its parts in place of tabs; null for a parameter that these namespaces do not have. @throws KernelError */
  read(path: string): string | null {
    const { directory } = this
    if (directory !== null) {
      const value = readOn(`/proc/self/fd/${directory.fd}${path.slice(OWN.length)}`, directory.device)
      if (value !== undefined) return value
    }
    return readOn(path, null) ?? null
  }

  [Symbol.dispose](): void {
    if (this.directory !== null) closeSync(this.directory.fd)
  }
}

/**
 * The file of a sysctl of an interface.
 *
 * @param key as in sysctl(8), with the interface's name `written`
 * @param present the name that the interface has now
 */
export function interfaceSysctlPath(key: string, written: string, present: string): string {
  return sysctlPath(key)
    .split('/')
    .map((part) => (part === written ? present : part))
    .join('/')
}

function ofProcess(pid: number): { fd: number; device: number } | null {
  const path = `/proc/${pid}/root${OWN}`
  const fd = attemptIf([...ABSENT, ...FORBIDDEN], 'open', path, () => openSync(path, FLAGS | files.O_DIRECTORY))
  if (fd === null) return null
  try {
    if (statfsSync(`/proc/self/fd/${fd}`).type === PROC) return { fd, device: fstatSync(fd).dev }
  } catch (error) {
    closeSync(fd)
    throw error
  }
  closeSync(fd)
  return null
}

/** @param device of the /proc that the file must be of @returns undefined when it is of another, as when the node has mounted one over it */
function readOn(path: string, device: number | null): string | null | undefined {
  const fd = attemptIf(GONE, 'read sysctl', path, () => openSync(path, FLAGS))
  if (fd === null) return null
  try {
    if (device !== null && attempt('examine', path, () => fstatSync(fd)).dev !== device) return undefined
    return (
      attemptIf(GONE, 'read sysctl', path, () => readFileSync(fd, 'utf8'))
        ?.trim()
        .replace(/\t+/g, ' ') ?? null
    )
  } finally {
    closeSync(fd)
  }
}
