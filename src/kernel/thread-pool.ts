// The thread pool of Node.js, in which it writes to files and so to netlink sockets.
import { access } from 'node:fs'
import { tryThreads } from './libc.js'

/** libuv's src/threadpool.c, and Node.js's documentation of UV_THREADPOOL_SIZE. */
const DEFAULT_SIZE = 4
const MAX_SIZE = 1024

/**
 * Starts the threads, which Node.js would otherwise do at the first write. If the kernel refuses threads then, libuv ends the
 * process with abort(3) and without a message; this function throws instead. Call it before anything has been made that would
 * be left behind.
 *
 * @throws KernelError EAGAIN when so many threads cannot be started.
 */
export function startThreadPool(): void {
  tryThreads(poolSize())
  access('/', () => {})
}

function poolSize(): number {
  const text = process.env.UV_THREADPOOL_SIZE
  if (text === undefined) return DEFAULT_SIZE
  const size = Number.parseInt(text, 10) | 0
  // libuv reads the value as an unsigned number, so a negative one means the maximum.
  return size < 0 ? MAX_SIZE : Math.min(size || 1, MAX_SIZE)
}
