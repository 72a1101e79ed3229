// Reads the state file of a lab, which may be missing, damaged, or of another version of nslab.
import { closeSync, constants as files, fstatSync, openSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { ABSENT, attempt, attemptIf } from '../../kernel/attempt.js'
import { lstatIfThere } from '../../kernel/small-file.js'
import type { LabState } from './state.js'
import { isLabState } from './state-shape.js'

const { EACCES, ELOOP, ENXIO } = constants.errno

/** Longest state file of this user's own labs: a hundred times that of 10,000 nodes, and below what a string can hold. */
const MAX_OWN_BYTES = 256 * 1024 * 1024

/** What the state file of a lab says. */
export interface ReadState {
  /** null when there is no state file, or it cannot be used. */
  state: LabState | null
  /** Why the state file cannot be used; null when it can, or when there is none. */
  damage: string | null
}

/**
 * Reads the state of a lab. Follows no symbolic link, and does not wait if the file is a FIFO.
 *
 * @param maxBytes a longer file is not read
 * @throws KernelError when there is a file that cannot be read
 */
export function readState(directory: string, maxBytes = MAX_OWN_BYTES): ReadState {
  const path = join(directory, 'state.json')
  const flags = files.O_RDONLY | files.O_NOFOLLOW | files.O_NONBLOCK
  const damaged = (damage: string): ReadState => ({ state: null, damage: `${path} ${damage}` })
  const fd = attemptIf([...ABSENT, EACCES, ELOOP, ENXIO], 'open', path, () => openSync(path, flags))
  if (fd === null) {
    const stats = lstatIfThere(path)
    if (stats === null || stats === undefined) return { state: null, damage: null }
    return damaged(
      stats.isFile() ? 'may not be read: it is of another user, or has lost its mode' : 'is not a regular file',
    )
  }
  try {
    const stats = attempt('read', path, () => fstatSync(fd))
    if (!stats.isFile()) return damaged('is not a regular file')
    if (stats.size > maxBytes) return damaged('is too long')
    const value = parsed(attempt('read', path, () => readFileSync(fd, 'utf8')))
    if (isLabState(value)) return { state: value, damage: null }
    const version = (value as Partial<Record<'version', unknown>> | null)?.version
    if (Number.isSafeInteger(version) && version !== 1) return damaged(`is of version ${version}, not 1`)
    return damaged('is not the state of a lab')
  } finally {
    closeSync(fd)
  }
}

/** The value of a JSON text; undefined when it is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
