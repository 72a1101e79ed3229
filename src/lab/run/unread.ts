// Reads from a pipe what is in it now, without waiting for its end, which a process in the background may keep open.
import { readSync } from 'node:fs'

/** Capacity of a pipe (pipe(7)): once a command has ended, at most this much of its output is unread. */
const PIPE_BYTES = 65_536

/** What a nonblocking pipe holds, in chunks, and whether no process can write more. */
export function unreadOf(fd: number): { chunks: Buffer[]; hasEnded: boolean } {
  const chunks: Buffer[] = []
  for (let read = 0; read < PIPE_BYTES; ) {
    const chunk = readSome(fd)
    if (chunk === null) break
    if (chunk.length === 0) return { chunks, hasEnded: true }
    chunks.push(chunk)
    read += chunk.length
  }
  return { chunks, hasEnded: false }
}

/** Reads without waiting; null when there is nothing to read now, and an empty buffer at the end. */
function readSome(fd: number): Buffer | null {
  const chunk = Buffer.alloc(PIPE_BYTES)
  try {
    return chunk.subarray(0, readSync(fd, chunk))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return null
    throw error
  }
}
