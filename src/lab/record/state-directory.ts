// The state directories, which hold the directories of labs: where they are, and whether they can be trusted. It reads no lab.
import { constants as constantsOfFs, existsSync, lstatSync, type Stats } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { LabError, systemErrorText } from '../../errors.js'
import { ABSENT, attemptIf, FORBIDDEN } from '../../kernel/attempt.js'
import { makeDirectory } from '../../kernel/make-directory.js'
import { isAllowed } from '../../kernel/small-file.js'
import { callerOf, hasEveryId, outsideUid } from '../who/caller.js'

/** Also a path that no file can have. */
const NOT_THERE = [...ABSENT, constants.errno.ELOOP, constants.errno.ENAMETOOLONG]

/** Mode of state and lab directories: nodes reach the files in them that they mount; only the owner may list them. */
export const DIRECTORY_MODE = 0o711

/** The state directory of root. */
const ROOTS = '/run/nslab'

/**
 * The state directories of a user. New labs go into the first; readers look into all that exist, so that a lab made without
 * XDG_RUNTIME_DIR is found with it.
 *
 * Root of a user namespace that may not write to /run/nslab, as below unshare(1), has those of the user who is root there.
 *
 * /tmp/nslab-UID is left out if it belongs to another user and there is a runtime directory: any user can make a directory of
 * that name, and must not be able to keep this user from labs elsewhere.
 */
export function stateDirectories(env: NodeJS.ProcessEnv = process.env, uid = callerOf(env).uid): string[] {
  if (env.NSLAB_STATE_DIR) return [resolve(env.NSLAB_STATE_DIR)]
  if (uid === 0 && hasRootsPlace()) return [ROOTS]
  const user = uid === 0 ? outsideUid(env) : uid
  const runtime = [env.XDG_RUNTIME_DIR, `/run/user/${user}`].filter((path) => path !== undefined && path !== '')
  const usable = [...new Set(runtime)].filter((path) => isOwnDirectory(path as string))
  const directories = usable.map((path) => join(path as string, 'nslab'))
  const fallback = `/tmp/nslab-${user}`
  return directories.length > 0 && isOtherUsers(fallback) ? directories : [...directories, fallback]
}

/** The state directories in words. */
export const stateDirectoriesText = (): string => stateDirectories().join(' and ')

/** Root of the machine always has it, so that a wrong owner of it is told. */
function hasRootsPlace(): boolean {
  if (hasEveryId()) return true
  return statsOf(ROOTS) === null ? isAllowed(dirname(ROOTS), constantsOfFs.W_OK) : !isOtherUsers(ROOTS)
}

/**
 * Makes a state directory if it is missing, and checks that it can be trusted.
 *
 * @throws LabError STATE_REFUSED when it cannot be made, belongs to another user, is a symbolic link, or can be written by
 * others.
 */
export function ensureStateDirectory(path: string, uid = process.geteuid?.() ?? 0): void {
  try {
    makeWithParents(path)
  } catch (cause) {
    throw new LabError('STATE_REFUSED', `cannot make the state directory ${path}: ${systemErrorText(cause)}`, {
      cause,
      hint: 'set NSLAB_STATE_DIR to a directory of your own',
    })
  }
  stateDirectoryExists(path, uid)
}

/** Makes a directory and those above it. With `recursive`, mkdirSync would not return for a path in /proc. */
function makeWithParents(path: string): void {
  if (!existsSync(dirname(path))) makeWithParents(dirname(path))
  try {
    makeDirectory(path, DIRECTORY_MODE)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/**
 * Whether a state directory exists.
 *
 * @throws LabError STATE_REFUSED when it exists and cannot be trusted; KernelError when it may not be examined: there may be labs.
 */
export function stateDirectoryExists(path: string, uid = process.geteuid?.() ?? 0): boolean {
  const stats = attemptIf(NOT_THERE, 'examine', path, () => lstatSync(path))
  if (stats) requireTrusted(path, stats, uid)
  return stats !== null
}

/** Whether the path is a directory that belongs to the user `uid` and that no other user can write to. */
export function isTrustedDirectory(path: string, uid: number): boolean {
  const stats = statsOf(path)
  return stats !== null && distrustReason(stats, uid) === null
}

/** Whether nslab chose this state directory itself, so that it may remove it when it is empty. */
export const isDefaultStateDirectory = (path: string, env: NodeJS.ProcessEnv = process.env): boolean =>
  !env.NSLAB_STATE_DIR && stateDirectories(env).includes(path)

function requireTrusted(path: string, stats: Stats, uid: number): void {
  const reason = distrustReason(stats, uid)
  if (reason === null) return
  const remedy = stats.uid === uid ? 'remove it, or set' : 'set'
  throw new LabError('STATE_REFUSED', `the state directory ${path} ${reason}`, {
    hint: `${remedy} NSLAB_STATE_DIR to a directory of your own`,
  })
}

function distrustReason(stats: Stats, uid: number): string | null {
  if (stats.isSymbolicLink()) return 'is a symbolic link'
  if (!stats.isDirectory()) return 'is not a directory'
  if (stats.uid !== uid) return `belongs to ${ownerText(stats.uid)}, not to you (${callerOf().uid})`
  if ((stats.mode & 0o022) !== 0) return `can be written by others (mode ${(stats.mode & 0o7777).toString(8)})`
  return null
}

/** In a user namespace, ids differ from those of the machine, and most appear as `nobody`: a number would mislead. */
const ownerText = (uid: number): string => (callerOf().rootless ? 'somebody else' : `user ${uid}`)

function isOtherUsers(path: string): boolean {
  const stats = statsOf(path)
  return stats !== null && stats.uid !== process.geteuid?.()
}

function isOwnDirectory(path: string): boolean {
  const stats = statsOf(path)
  return stats?.isDirectory() === true && stats.uid === process.geteuid?.()
}

/** null when there is no such file, or it may not be examined, as in a runtime directory that su(1) has left of another user. */
const statsOf = (path: string): Stats | null =>
  attemptIf([...NOT_THERE, ...FORBIDDEN], 'examine', path, () => lstatSync(path))
