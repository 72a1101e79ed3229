// The threads of Node.js in which it writes to files, and so to netlink sockets.
import { access } from 'node:fs'
import { tryThreads } from './libc.js'

/** libuv's src/threadpool.c, and the guide of Node.js to UV_THREADPOOL_SIZE. */
const DEFAULT_SIZE = 4
const MAX_SIZE = 1024

/**
 * Starts the threads, which Node.js does at the first write otherwise. libuv ends the process, with abort(3) and not a word,
 * when there cannot be so many: then this throws. To be called before anything is there that would be left.
 *
 * @throws KernelError EAGAIN.
 */
export function startThreadPool(): void {
  tryThreads(poolSize())
  access('/', () => {})
}

function poolSize(): number {
  const text = process.env.UV_THREADPOOL_SIZE
  if (text === undefined) return DEFAULT_SIZE
  const size = Number.parseInt(text, 10) | 0
  // There, it is an unsigned number.
  return size < 0 ? MAX_SIZE : Math.min(size || 1, MAX_SIZE)
}
