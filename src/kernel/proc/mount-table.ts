// The mounts that this process sees (proc_pid_mountinfo(5)), and which of them hide parts of /proc and /sys.
import { readIfThere } from '../small-file.js'

export interface MountEntry {
  id: number
  /** Id of the mount that it is on. */
  parent: number
  /** `MAJOR:MINOR` of the file system. */
  device: string
  /** Of the file system: what is mounted. */
  root: string
  /** Where. */
  target: string
  readOnly: boolean
  options: readonly string[]
  /** `shared:N`, `master:N`, `propagate_from:N`, `unbindable`; empty for a private mount (mount_namespaces(7)). */
  propagation: readonly string[]
  type: string
  /** A device, or whatever the file system is called. */
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
 * Places of /proc and /sys that a container engine has covered with something empty. The kernel then allows no fresh /proc
 * or /sys in a user namespace below, which would show them (mount_too_revealing, fs/namespace.c).
 */
export const maskedPlaces = (mounts: readonly MountEntry[]): string[] => [
  ...new Set(
    mounts
      .filter(({ type }) => type === 'tmpfs' || type === 'devtmpfs')
      .map(({ target }) => target)
      // What is mounted below /sys/fs has a place of its own there.
      .filter((target) => /^\/(?:proc|sys)\//.test(target) && !target.startsWith('/sys/fs/')),
  ),
]

/** Whether sysctls cannot be written: the last of the mounts over /proc/sys decides. */
export function isProcSysReadOnly(mounts: readonly MountEntry[]): boolean {
  const over = mounts.filter(({ target }) => target === '/proc' || target === '/proc/sys')
  return over.at(-1)?.readOnly ?? false
}

/** A blank, a tab, a line end and a backslash are written in octal. */
export const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))
