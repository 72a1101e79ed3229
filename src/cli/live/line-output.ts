// Writes lines to standard output, and waits while it takes none, without keeping the program from anything else.
import { write } from 'node:fs'
import { promisify } from 'node:util'

const writeInThread = promisify(write)
const STDOUT = 1

/** Resolves when the text is written, or can be written no more, and when a pipe takes none and the signal is aborted. Node.js writes to a terminal in the thread of JavaScript, which one that is stopped with Ctrl-S would block. */
export async function writeLine(text: string, signal?: AbortSignal): Promise<void> {
  const { stdout } = process
  if (stdout.isTTY) await writeWhole(Buffer.from(`${text}\n`))
  else if (!stdout.write(`${text}\n`)) await drained(signal)
}

async function writeWhole(bytes: Buffer): Promise<void> {
  try {
    for (let at = 0; at < bytes.length; ) at += (await writeInThread(STDOUT, bytes, at)).bytesWritten
  } catch (error) {
    // As for any other stream, with what is done then (output.ts).
    process.stdout.emit('error', error)
    process.stdout.destroy()
  }
}

/** Resolves when what was written has been taken, or never will be, and when aborted. */
async function drained(signal?: AbortSignal): Promise<void> {
  const { stdout } = process
  if (stdout.destroyed || stdout.errored || signal?.aborted) return
  await new Promise<void>((resolve) => {
    const settle = () => {
      for (const event of ['drain', 'close', 'error']) stdout.removeListener(event, settle)
      signal?.removeEventListener('abort', settle)
      resolve()
    }
    signal?.addEventListener('abort', settle)
    for (const event of ['drain', 'close', 'error']) stdout.once(event, settle)
  })
}

/** Nobody reads any more. */
export const isOutputClosed = (): boolean => process.stdout.destroyed || process.stdout.errored != null
