// Writes a command's result to a file or to standard output, whole, and says when that cannot be done.
import { writeFileSync } from 'node:fs'
import { LabError, systemErrorText } from '../errors.js'
import { errorText } from '../present/error.js'
import { printableText } from '../present/printable.js'

/**
 * Writes a text as it is, but to a terminal, where control characters in it would act.
 *
 * @throws LabError FILE_UNREADABLE when the file cannot be written.
 */
export function writeOutput(text: string, file: string | undefined): void {
  if (file === undefined || file === '-') {
    process.stdout.write(process.stdout.isTTY ? printableText(text) : text)
    return
  }
  try {
    writeFileSync(file, text)
  } catch (cause) {
    throw new LabError('FILE_UNREADABLE', `cannot write ${file}: ${systemErrorText(cause)}`, { cause })
  }
}

/**
 * From now on, a standard output that cannot be written is told on standard error, with exit code 2; a reader that has
 * gone, such as head(1), is none of our business. Takes the place of oclif's way, which throws where nobody catches.
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
