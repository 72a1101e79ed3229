// Where state lives on disk, and whether that place may be trusted. It reads no lab.
import { lstatSync, mkdirSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { LabError } from '../errors.js'
import { callerOf } from './caller.js'

/** Mode of every state directory: nodes must be able to reach the files bound into them, nobody else may list it. */
export const DIRECTORY_MODE = 0o711

/**
 * The directories that can hold this user's labs (design section 4, Lifecycle); new labs go into the first.
 * Of several, a reader looks into all that exist.
 */
export function statePlaces(env: NodeJS.ProcessEnv = process.env, uid = callerOf(env).uid): string[] {
  if (env.NSLAB_STATE_DIR) return [env.NSLAB_STATE_DIR]
  if (uid === 0) return ['/run/nslab']
  const runtime = [env.XDG_RUNTIME_DIR, `/run/user/${uid}`].filter((path) => path !== undefined && path !== '')
  const usable = [...new Set(runtime)].filter((path) => isOwnDirectory(path as string))
  return [...usable.map((path) => join(path as string, 'nslab')), `/tmp/nslab-${uid}`]
}

/**
 * Makes a state directory if it is missing, and checks that it is a directory of this user's own.
 *
 * @throws LabError STATE_REFUSED when it belongs to someone else, is a symbolic link, or others can write to it.
 */
export function ensurePlace(path: string, uid = process.geteuid?.() ?? 0): void {
  try {
    mkdirSync(path, { recursive: true, mode: DIRECTORY_MODE })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new LabError('STATE_REFUSED', `cannot make the state directory ${path}: ${(cause as Error).message}`, {
        cause,
        hint: 'set NSLAB_STATE_DIR to a directory of your own',
      })
    }
  }
  checkPlace(path, uid)
}

/** Whether the directory is there; checks it when it is. @throws LabError STATE_REFUSED as `ensurePlace`. */
export function placeExists(path: string, uid = process.geteuid?.() ?? 0): boolean {
  try {
    lstatSync(path)
  } catch {
    return false
  }
  checkPlace(path, uid)
  return true
}

function checkPlace(path: string, uid: number): void {
  const stats = lstatSync(path)
  const fault = faultOf(stats, uid)
  if (fault === null) return
  throw new LabError('STATE_REFUSED', `the state directory ${path} ${fault}`, {
    hint: 'remove it, or set NSLAB_STATE_DIR to a directory of your own',
  })
}

function faultOf(stats: Stats, uid: number): string | null {
  if (stats.isSymbolicLink()) return 'is a symbolic link'
  if (!stats.isDirectory()) return 'is not a directory'
  if (stats.uid !== uid) return `belongs to user ${stats.uid}, not to you (${uid})`
  if ((stats.mode & 0o022) !== 0) return `can be written by others (mode ${(stats.mode & 0o7777).toString(8)})`
  return null
}

function isOwnDirectory(path: string): boolean {
  try {
    const stats = lstatSync(path)
    return stats.isDirectory() && stats.uid === process.geteuid?.()
  } catch {
    return false
  }
}
