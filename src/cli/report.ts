// Reports a failure before a command's class is there to do it.
import type { LabError } from '../errors.js'
import { errorDocument } from '../present/document.js'
import { errorText } from '../present/error.js'

/** Prints an error, as a document when the words ask for that, and sets the exit status. */
export function reportFailure(error: LabError, words: readonly string[]): void {
  const end = words.indexOf('--')
  const asJson = (end < 0 ? words : words.slice(0, end)).includes('--json')
  if (asJson) process.stdout.write(`${JSON.stringify(errorDocument(error), null, 2)}\n`)
  else process.stderr.write(`${errorText(error)}\n`)
  process.exitCode = error.exitCode
}
