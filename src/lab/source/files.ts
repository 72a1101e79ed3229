// Files of the machine that a topology names.
import { realpathSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { ownerIds } from '../who/users.js'

/** What messages call standard input. */
export const STDIN = '<stdin>'

/** Relative to the file that names it; to the working directory for standard input. */
export function pathFrom(path: string, from: string | undefined): string {
  const isBelow = !isAbsolute(path) && from !== undefined && from !== STDIN
  return isBelow ? join(dirname(from), path) : path
}

/**
 * The absolute path on this machine of a source of `files` or `mounts`: the lab is changed from other working directories.
 *
 * @param directory to which relative paths belong
 * @throws Error that says what is wrong with it
 */
export function findSource(source: string, kind: 'file' | 'any', directory = '.'): string {
  const path = resolve(directory, source)
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) throw new Error(`there is no ${source}`)
  if (kind === 'file' && !stats.isFile()) throw new Error(`${source} is not a regular file`)
  return path
}

/** What is wrong with the owner of a file in a topology; null for nothing. */
export function findOwnerFault(owner: string): string | null {
  const ids = ownerIds(owner)
  return typeof ids === 'string' ? ids : null
}

/** The same for the same file, whatever path leads to it. */
export const identityOf = (path: string): string => realpathSync(path)
