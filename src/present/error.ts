// The text of a failure for standard error: what went wrong, and what to do next. Faults of topology files are in fault.ts, which
// is loaded only when there are any.
import { LabError } from '../errors.js'
import { messageOf } from './document.js'
import { printable } from './printable.js'

const BUG_HINT = 'this is a bug in nslab: please report it with the command and the text above'

/** The text of any failure, without a line end after the last line. */
export function errorText(error: unknown): string {
  if (!(error instanceof LabError))
    return [`error: ${messageLine(error)}`, ...stackOf(error), hint(BUG_HINT)].join('\n')
  return [`error: ${messageLine(error)}`, ...(error.hint === undefined ? [] : [hint(error.hint)])].join('\n')
}

const hint = (text: string): string => `hint: ${printable(text)}`

/** Escapes all characters of a message that could disturb a terminal, except line ends. */
const messageLine = (error: unknown): string => messageOf(error).split('\n').map(printable).join('\n')

const stackOf = (error: unknown): string[] =>
  error instanceof Error
    ? (error.stack ?? '')
        .split('\n')
        .filter((line) => /^\s+at /.test(line))
        .map(printable)
    : []
