// Reads files that a user names, without waiting for any: some files of /proc and /sys, such as /proc/kmsg, have no end, and a
// process that waits for more of them does not react to signals.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { LabError } from '../errors.js'

const CHUNK_BYTES = 65_536

/**
 * The content of a regular file, whatever size stat(2) says; null when it is longer than `maxBytes`.
 *
 * @throws LabError FILE_UNREADABLE for a file that is not regular, or that has no end. Error of Node.js with the errno.
 */
export function readAtOnce(path: string, maxBytes: number): Buffer | null {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    if (!fstatSync(fd).isFile()) throw new LabError('FILE_UNREADABLE', 'it is not a regular file')
    const chunks: Buffer[] = []
    for (let size = 0; size <= maxBytes; ) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
      const length = readNow(fd, chunk)
      if (length === 0) return Buffer.concat(chunks)
      chunks.push(chunk.subarray(0, length))
      size += length
    }
    return null
  } finally {
    closeSync(fd)
  }
}

function readNow(fd: number, chunk: Buffer): number {
  try {
    return readSync(fd, chunk)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EAGAIN') throw cause
    throw new LabError('FILE_UNREADABLE', 'it has no end: a reader waits for more of it', { cause })
  }
}
