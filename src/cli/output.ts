// Writes a command's result to a file or to standard output, and reports when that fails.
import { writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { LabError, systemErrorText } from '../errors.js'
import { errorText } from '../present/error.js'
import { printableText } from '../present/printable.js'

/**
 * Writes a text, or bytes as they are. For a terminal, control characters in a text are made visible, since they would act there.
 *
 * @throws LabError FILE_UNREADABLE when the file cannot be written.
 */
export function writeOutput(content: string | Uint8Array, file: string | undefined): void {
  if (file === undefined || file === '-') {
    process.stdout.write(typeof content === 'string' && process.stdout.isTTY ? printableText(content) : content)
    return
  }
  try {
    writeFileSync(file, content)
  } catch (cause) {
    const isAbsent = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    const reason = isAbsent ? `there is no directory ${dirname(file)}` : systemErrorText(cause)
    throw new LabError('FILE_UNREADABLE', `cannot write ${file}: ${reason}`, { cause })
  }
}

/**
 * From now on, a failed write to standard output is reported on standard error, with exit code 2. A reader that has closed
 * the pipe, such as head(1), is no failure. This replaces oclif's listener, whose error nothing could catch.
 */
export function watchOutput(): void {
  let isTold = false
  process.stdout.removeAllListeners('error').on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EPIPE' || isTold) return
    isTold = true
    const error = new LabError('FILE_UNREADABLE', `cannot write to standard output: ${systemErrorText(cause)}`, {
      cause,
      hint: 'what the command has done stands; `nslab ls` shows the labs',
    })
    process.exitCode = error.exitCode
    process.stderr.write(`${errorText(error)}\n`)
  })
  process.stderr.removeAllListeners('error').on('error', () => {})
}
