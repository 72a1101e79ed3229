// Reads files that users name, up to the greatest size of a topology: a path may lead to a device without an end.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { LabError, systemErrorText } from '../../errors.js'
import { STDIN } from '../../lab/source/files.js'

const MAX_BYTES = 16 * 1024 * 1024

/**
 * Reads a file, or standard input for `-`.
 *
 * @throws LabError FILE_UNREADABLE; TOPOLOGY_INVALID when it is larger than 16 MiB or not UTF-8.
 */
export function readText(file: string): string {
  return attempt(file, () => {
    if (file === '-') return readAll(0, STDIN)
    const fd = openSync(file, 'r')
    try {
      return readAll(fd, file)
    } finally {
      closeSync(fd)
    }
  })
}

/** Reads a file that another file names. It must be a regular file, so that opening it never waits. */
export function readRegularFile(file: string): string {
  return attempt(file, () => {
    const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      if (!fstatSync(fd).isFile()) throw new Error('not a regular file')
      return readAll(fd, file)
    } finally {
      closeSync(fd)
    }
  })
}

function attempt(file: string, read: () => string): string {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof LabError) throw cause
    throw new LabError('FILE_UNREADABLE', unreadableText(file, cause), { cause })
  }
}

function unreadableText(file: string, cause: unknown): string {
  const { code } = cause as NodeJS.ErrnoException
  if (code === 'ENOENT') return `there is no file ${file}`
  if (code === 'EISDIR') return `${file} is a directory, not a file`
  if (code === 'EACCES') return `you may not read ${file}`
  return `cannot read ${file === '-' ? STDIN : file}: ${systemErrorText(cause)}`
}

function readAll(fd: number, name: string): string {
  if (fstatSync(fd).size > MAX_BYTES) throw tooLarge(name)
  const chunks: Buffer[] = []
  let size = 0
  for (;;) {
    const chunk = Buffer.allocUnsafe(65_536)
    const length = readSome(fd, chunk)
    if (length === 0) return decode(Buffer.concat(chunks), name)
    size += length
    if (size > MAX_BYTES) throw tooLarge(name)
    chunks.push(chunk.subarray(0, length))
  }
}

/** Standard input may be non-blocking, since another program may have set O_NONBLOCK: then this waits and tries again. */
function readSome(fd: number, chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(fd, chunk)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

function decode(bytes: Buffer, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new LabError('TOPOLOGY_INVALID', `${name} is not UTF-8 text`, { cause })
  }
}

const tooLarge = (name: string): LabError =>
  new LabError(
    'TOPOLOGY_INVALID',
    `${name} is too large: a topology, or a file that it names, has at most ${MAX_BYTES} bytes`,
  )
