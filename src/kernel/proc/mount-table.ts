// The mounts that this process sees (proc_pid_mountinfo(5)), and which of them hide parts of /proc and /sys.
import { readIfThere } from '../small-file.js'

export interface MountEntry {
  id: number
  /** Id of the mount that this one is mounted on. */
  parent: number
  /** `MAJOR:MINOR` of the file system. */
  device: string
  /** Path within the file system that is mounted. */
  root: string
  /** Mount point. */
  target: string
  readOnly: boolean
  options: readonly string[]
  /** `shared:N`, `master:N`, `propagate_from:N`, `unbindable`; empty for a private mount (mount_namespaces(7)). */
  propagation: readonly string[]
  type: string
  /** A device, or a name that the file system chooses. */
  source: string
  superOptions: readonly string[]
}

export const readMounts = (): MountEntry[] => parseMounts(readIfThere('/proc/self/mountinfo') ?? '')

export const parseMounts = (text: string): MountEntry[] =>
  text
    .split('\n')
    .map((line) => line.split(' '))
    .filter((fields) => fields.includes('-'))
    .map((fields) => {
      const separator = fields.indexOf('-')
      const rest = fields.slice(separator + 1)
      return {
        id: Number(fields[0]),
        parent: Number(fields[1]),
        device: fields[2] ?? '',
        root: unescaped(fields[3] ?? ''),
        target: unescaped(fields[4] ?? ''),
        readOnly: fields[5]?.split(',')[0] === 'ro',
        options: fields[5]?.split(',') ?? [],
        propagation: fields.slice(6, separator),
        type: rest[0] ?? '',
        source: unescaped(rest[1] ?? ''),
        superOptions: rest[2]?.split(',') ?? [],
      }
    })

/**
 * Paths below /proc and /sys that a container engine has hidden by mounting something empty over them. A new /proc or /sys in
 * a nested user namespace would show them, so the kernel refuses to mount one (mount_too_revealing, fs/namespace.c).
 */
export const maskedPaths = (mounts: readonly MountEntry[]): string[] => [
  ...new Set(
    mounts
      .filter(({ type }) => type === 'tmpfs' || type === 'devtmpfs')
      .map(({ target }) => target)
      // Mount points below /sys/fs, such as /sys/fs/cgroup, exist for that purpose and hide nothing.
      .filter((target) => /^\/(?:proc|sys)\//.test(target) && !target.startsWith('/sys/fs/')),
  ),
]

/** Whether /proc/sys is read-only: the last mount on /proc or /proc/sys decides. */
export function isProcSysReadOnly(mounts: readonly MountEntry[]): boolean {
  const over = mounts.filter(({ target }) => target === '/proc' || target === '/proc/sys')
  return over.at(-1)?.readOnly ?? false
}

/**
 * What nodes can have of /sys: one of their own, which is read-only where the machine's is, or the machine's, since the kernel
 * refuses another where parts of it are masked.
 */
export function sysOfNodes(mounts: readonly MountEntry[]): 'own' | 'read-only' | 'the machine’s' {
  if (maskedPaths(mounts).some((path) => path.startsWith('/sys/'))) return 'the machine’s'
  const [sys] = mounts.filter(({ target }) => target === '/sys').toReversed()
  return sys?.readOnly ? 'read-only' : 'own'
}

/** Decodes the octal escapes of mountinfo: blanks, tabs, line ends and backslashes. */
export const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))
