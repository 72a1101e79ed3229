// The error for a word that is no command.
import { LabError } from '../errors.js'
import { suggestion } from '../topology/values/suggest.js'
import { reportFailure } from './report.js'

/** Prints the error, and sets the exit code. @param words what follows the name */
export function refuseUnknownCommand(name: string, commands: readonly string[], words: readonly string[]): void {
  const error = new LabError('USAGE', `there is no command ${name}${suggestion(name, commands)}`, {
    hint: '`nslab --help` lists them',
  })
  reportFailure(error, words)
}
