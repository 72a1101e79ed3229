// Files of /proc, /sys and /etc that may be there or not: their absence is an answer.
import { readFileSync } from 'node:fs'

/** The text of a file; null when it is not there or may not be read. */
export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

/** The number a file holds; null without one. `max` and `unlimited` are Infinity. */
export function readNumber(path: string): number | null {
  const text = readIfThere(path)?.trim()
  return text === undefined ? null : numberOf(text)
}

/** A sysctl(8) key's number; null where this kernel, or this namespace, has no such key. */
export const readSysctl = (key: string): number | null => readNumber(`/proc/sys/${key.replaceAll('.', '/')}`)

export function numberOf(text: string): number | null {
  if (text === 'max' || text === 'unlimited') return Number.POSITIVE_INFINITY
  return /^[0-9]+$/.test(text) ? Number(text) : null
}
