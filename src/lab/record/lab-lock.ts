// The lock of a lab: a file in the lab's directory that the keeper has locked with flock(2) for life. Whether the lock is held is
// found out by taking it for a moment.
import { closeSync, constants as files, fstatSync, openSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { KernelError } from '../../errors.js'
import { ABSENT, attempt, attemptIf } from '../../kernel/attempt.js'
import { flock } from '../../kernel/libc.js'

/** `missing`: there is no regular file of that name. */
export type LockState = 'held' | 'free' | 'missing'

const { EACCES, ELOOP, ENXIO } = constants.errno
/** The file is a symbolic link (O_NOFOLLOW), or a socket (ENXIO). */
const NO_FILE = [...ABSENT, ELOOP, ENXIO]

/**
 * The state of a lab's lock. The caller holds the lock of the state directory, since a claim at the same moment would fail.
 *
 * @throws KernelError when the file cannot be opened or locked: then it is not known whether the lab is alive.
 */
export function lockStateOf(directory: string): LockState {
  const path = join(directory, 'lock')
  const flags = files.O_RDONLY | files.O_NOFOLLOW | files.O_NONBLOCK
  const fd = withHint(path, () => attemptIf(NO_FILE, 'open the lock of a lab', path, () => openSync(path, flags)))
  if (fd === null) return 'missing'
  try {
    if (!attempt('read', path, () => fstatSync(fd)).isFile()) return 'missing'
    return flock(fd, { exclusive: true, wait: false }) ? 'free' : 'held'
  } finally {
    closeSync(fd)
  }
}

/** Tells how to open a file that somebody has made unreadable. */
function withHint<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (cause) {
    if (!(cause instanceof KernelError && cause.errno === EACCES)) throw cause
    const { operation, target, errno } = cause
    throw new KernelError({ operation, target, errno, hint: `\`chmod 0600 ${path}\` makes it readable` }, { cause })
  }
}
