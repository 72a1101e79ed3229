// Reads small files of /proc, /sys and /etc that may be missing. A missing file is an answer, not an error.
import { accessSync, lstatSync, readFileSync, type Stats } from 'node:fs'
import { ABSENT, attempt, attemptIf, FORBIDDEN } from './attempt.js'

/** The text of a file; null when it does not exist or may not be read. @throws KernelError when it cannot be read. */
export const readIfThere = (path: string): string | null =>
  attemptIf([...ABSENT, ...FORBIDDEN], 'read', path, () => readFileSync(path, 'utf8'))

/** Whether a file exists. @throws KernelError when that cannot be found out, also where the caller may not look. */
export const isThere = (path: string): boolean =>
  attemptIf(ABSENT, 'find', path, () => {
    accessSync(path)
    return true
  }) ?? false

/** What lstat(2) says of a path, where a symbolic link is there wherever it leads; undefined when nothing is. @throws KernelError */
export const lstatIfThere = (path: string): Stats | undefined =>
  attempt('examine', path, () => lstatSync(path, { throwIfNoEntry: false }))

/** Whether the caller may use a file in a way of access(2), such as `constants.W_OK` of node:fs. @throws KernelError */
export const isAllowed = (path: string, mode: number): boolean =>
  attemptIf([...ABSENT, ...FORBIDDEN], 'examine', path, () => {
    accessSync(path, mode)
    return true
  }) ?? false

/** The number in a file; null when there is none. `max` and `unlimited` are Infinity. */
export function readNumber(path: string): number | null {
  const text = readIfThere(path)?.trim()
  return text === undefined ? null : numberOf(text)
}

/** The number of a sysctl(8) key; null when this kernel or this namespace has no such key. */
export const readSysctl = (key: string): number | null => readNumber(`/proc/sys/${key.replaceAll('.', '/')}`)

export function numberOf(text: string): number | null {
  if (text === 'max' || text === 'unlimited') return Number.POSITIVE_INFINITY
  return /^[0-9]+$/.test(text) ? Number(text) : null
}
