// The helper process of a program that is not root of a lab's outer user namespace: runs as that root, and makes the program's calls.
import { createInterface } from 'node:readline'
import { ownCalls } from '../calls/own-calls.js'
import type { Answer, Request } from './messages.js'
import { Server } from './server.js'

/** Taking down a lab takes less, unless something is stuck. */
const END_TIMEOUT_MS = 10_000

/** Serves the program that has started this process, until that ends or lets go of the channel. */
export function serve(): void {
  const server = new Server(ownCalls, send)
  process.on('message', (request: Request) => server.take(request))
  process.once('disconnect', () => void end(server))
  createInterface({ input: process.stdin }).on('line', (line) =>
    process.stdout.write(`${JSON.stringify(server.watch(JSON.parse(line)))}\n`),
  )
  // The program may have ended while this module was loaded.
  if (!process.connected) void end(server)
}

const send = (answer: Answer): Promise<void> =>
  new Promise((resolve) => {
    if (process.connected) process.send?.(answer, undefined, {}, () => resolve())
    else resolve()
  })

async function end(server: Server): Promise<void> {
  setTimeout(() => process.exit(1), END_TIMEOUT_MS)
  await server.close()
  process.exit(0)
}
