// Writes a command's result to a file or to standard output, whole.
import { writeFileSync } from 'node:fs'
import { LabError } from '../errors.js'

/** @throws LabError FILE_UNREADABLE when the file cannot be written. */
export function writeOutput(text: string, file: string | undefined): void {
  if (file === undefined || file === '-') {
    process.stdout.write(text)
    return
  }
  try {
    writeFileSync(file, text)
  } catch (cause) {
    throw new LabError('FILE_UNREADABLE', `cannot write ${file}: ${(cause as Error).message}`, { cause })
  }
}
