// Where state lives on disk, and whether that place may be trusted. It reads no lab.
import { existsSync, lstatSync, mkdirSync, type Stats } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { LabError, systemErrorText } from '../../errors.js'
import { callerOf } from '../who/caller.js'

/** Mode of every state directory: nodes must be able to reach the files bound into them, nobody else may list it. */
export const DIRECTORY_MODE = 0o711

/**
 * The directories that can hold this user's labs (design section 4, Lifecycle); new labs go into the first.
 * Of several, a reader looks into all that exist. What is somebody else's holds none: anybody can make a directory of
 * that name in /tmp, and it must not keep its namesake from labs that are elsewhere.
 */
export function statePlaces(env: NodeJS.ProcessEnv = process.env, uid = callerOf(env).uid): string[] {
  if (env.NSLAB_STATE_DIR) return [resolve(env.NSLAB_STATE_DIR)]
  if (uid === 0) return ['/run/nslab']
  const runtime = [env.XDG_RUNTIME_DIR, `/run/user/${uid}`].filter((path) => path !== undefined && path !== '')
  const usable = [...new Set(runtime)].filter((path) => isOwnDirectory(path as string))
  const places = usable.map((path) => join(path as string, 'nslab'))
  const fallback = `/tmp/nslab-${uid}`
  return places.length > 0 && isSomebodyElses(fallback) ? places : [...places, fallback]
}

/**
 * Makes a state directory if it is missing, and checks that it is a directory of this user's own.
 *
 * @throws LabError STATE_REFUSED when it belongs to someone else, is a symbolic link, or others can write to it.
 */
export function ensurePlace(path: string, uid = process.geteuid?.() ?? 0): void {
  try {
    makeDirectory(path)
  } catch (cause) {
    throw new LabError('STATE_REFUSED', `cannot make the state directory ${path}: ${systemErrorText(cause)}`, {
      cause,
      hint: 'set NSLAB_STATE_DIR to a directory of your own',
    })
  }
  placeExists(path, uid)
}

/** With those above it. Not mkdirSync's own way, which never ends where nothing can be made, such as in /proc. */
function makeDirectory(path: string): void {
  if (!existsSync(dirname(path))) makeDirectory(dirname(path))
  try {
    mkdirSync(path, { mode: DIRECTORY_MODE })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Whether the directory is there; checks it when it is. @throws LabError STATE_REFUSED as `ensurePlace`. */
export function placeExists(path: string, uid = process.geteuid?.() ?? 0): boolean {
  const stats = statsOf(path)
  if (stats) checkPlace(path, stats, uid)
  return stats !== null
}

/** Whether a directory of this user's is there that nobody else can write to. */
export function isPlaceOf(path: string, uid: number): boolean {
  const stats = statsOf(path)
  return stats !== null && faultOf(stats, uid) === null
}

/** Whether labs are kept there only for want of another place: nobody misses it when it is empty. */
export const isDefaultPlace = (path: string, env: NodeJS.ProcessEnv = process.env): boolean =>
  !env.NSLAB_STATE_DIR && statePlaces(env).includes(path)

function checkPlace(path: string, stats: Stats, uid: number): void {
  const fault = faultOf(stats, uid)
  if (fault === null) return
  const remedy = stats.uid === uid ? 'remove it, or set' : 'set'
  throw new LabError('STATE_REFUSED', `the state directory ${path} ${fault}`, {
    hint: `${remedy} NSLAB_STATE_DIR to a directory of your own`,
  })
}

function faultOf(stats: Stats, uid: number): string | null {
  if (stats.isSymbolicLink()) return 'is a symbolic link'
  if (!stats.isDirectory()) return 'is not a directory'
  if (stats.uid !== uid) return `belongs to ${ownerText(stats.uid)}, not to you (${callerOf().uid})`
  if ((stats.mode & 0o022) !== 0) return `can be written by others (mode ${(stats.mode & 0o7777).toString(8)})`
  return null
}

/** In a user namespace, ids are not what they are outside, and most are nobody's. */
const ownerText = (uid: number): string => (callerOf().rootless ? 'somebody else' : `user ${uid}`)

function isSomebodyElses(path: string): boolean {
  const stats = statsOf(path)
  return stats !== null && stats.uid !== process.geteuid?.()
}

function isOwnDirectory(path: string): boolean {
  const stats = statsOf(path)
  return stats?.isDirectory() === true && stats.uid === process.geteuid?.()
}

/** null for what is not there, or cannot be looked at. */
function statsOf(path: string): Stats | null {
  try {
    return lstatSync(path)
  } catch {
    return null
  }
}
