// The user who runs nslab, as the machine knows them, even when this process was re-executed as root of a lab's outer user
// namespace.
import { readIfThere } from '../../kernel/small-file.js'

export interface Caller {
  /** User id on the machine, outside any namespace that nslab made. */
  uid: number
  /** Whether this process is root of an outer user namespace that the shim's verb `rootless` put it into. */
  rootless: boolean
}

/** The uid map of the initial user namespace, and of a container that has all ids. */
const EVERY_ID = /^\s*0\s+0\s+4294967295\s*$/

/**
 * Finds out who runs nslab. NSLAB_CALLER_UID, which the shim sets, counts only for root of a user namespace without all ids:
 * `sudo -E` could pass the variable on to root of the machine.
 */
export function callerOf(env: NodeJS.ProcessEnv = process.env): Caller {
  const outside = env.NSLAB_CALLER_UID
  const rootless = outside !== undefined && outside !== '' && process.geteuid?.() === 0 && !hasEveryId()
  return rootless ? { uid: Number(outside), rootless } : { uid: process.geteuid?.() ?? 0, rootless: false }
}

/** Environment variable with the answer of `outsideUid` before this program was re-executed. */
export const OUTSIDE_UID_VARIABLE = 'NSLAB_OUTSIDE_UID'

/**
 * The id that this process's user has outside of the user namespace that nslab was started in: for root of one that unshare(1)
 * made, that of the user who ran it.
 */
export function outsideUid(env: NodeJS.ProcessEnv = process.env): number {
  const { uid, rootless } = callerOf(env)
  if (rootless) return /^[0-9]{1,10}$/.test(env[OUTSIDE_UID_VARIABLE] ?? '') ? Number(env[OUTSIDE_UID_VARIABLE]) : uid
  for (const line of readIfThere('/proc/self/uid_map')?.trim().split('\n') ?? []) {
    const [inside = 0, outside = 0, count = 0] = line.trim().split(/ +/).map(Number)
    if (uid >= inside && uid < inside + count) return outside + uid - inside
  }
  return uid
}

/** Whether this user namespace maps all ids. A kernel without user namespaces has no map. @throws KernelError */
export function hasEveryId(): boolean {
  const map = readIfThere('/proc/self/uid_map')
  return map === null || EVERY_ID.test(map)
}
