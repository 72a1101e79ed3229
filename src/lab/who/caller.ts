// Who runs nslab: the user outside, also when this process was re-executed as root of a lab's outer user namespace.
import { readFileSync } from 'node:fs'

export interface Caller {
  /** User id outside. */
  uid: number
  /** Whether this process is root of an outer user namespace that the shim's verb `rootless` put it into. */
  rootless: boolean
}

/** Where the map of the initial user namespace, and of a container with all ids, begins and ends. */
const EVERY_ID = /^\s*0\s+0\s+4294967295\s*$/

/** The variable is only believed where there is a user namespace: `sudo -E` would carry it out of one. */
export function callerOf(env: NodeJS.ProcessEnv = process.env): Caller {
  const outside = env.NSLAB_CALLER_UID
  const rootless = outside !== undefined && outside !== '' && process.geteuid?.() === 0 && !hasEveryId()
  return rootless ? { uid: Number(outside), rootless } : { uid: process.geteuid?.() ?? 0, rootless: false }
}

/** Whether this user namespace has every id there is. */
export function hasEveryId(): boolean {
  try {
    return EVERY_ID.test(readFileSync('/proc/self/uid_map', 'latin1'))
  } catch {
    return true
  }
}
