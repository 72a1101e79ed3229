// The error for a word that is no command.
import { LabError } from '../errors.js'
import { errorDocument } from '../present/document.js'
import { errorText } from '../present/error.js'
import { suggestion } from '../topology/values/suggest.js'

/** Prints the error, with `asJson` as a document, and sets the exit code. */
export function refuseUnknownCommand(name: string, commands: readonly string[], asJson: boolean): void {
  const error = new LabError('USAGE', `there is no command ${name}${suggestion(name, commands)}`, {
    hint: '`nslab --help` lists them',
  })
  if (asJson) process.stdout.write(`${JSON.stringify(errorDocument(error), null, 2)}\n`)
  else process.stderr.write(`${errorText(error)}\n`)
  process.exitCode = error.exitCode
}
