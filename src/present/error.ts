// A failure as text for standard error: what went wrong, and what to do next. Faults of a topology have a module of
// their own, which is loaded only when there are some.
import { LabError } from '../errors.js'
import { messageOf } from './document.js'
import { printable } from './printable.js'

const BUG_HINT = 'this is a bug in nslab: please report it with the command and the text above'

/** Several lines without a last line end. */
export function errorText(error: unknown): string {
  if (!(error instanceof LabError))
    return [`error: ${messageLine(error)}`, ...stackOf(error), hint(BUG_HINT)].join('\n')
  return [`error: ${messageLine(error)}`, ...(error.hint === undefined ? [] : [hint(error.hint)])].join('\n')
}

const hint = (text: string): string => `hint: ${printable(text)}`

/** A message keeps its line ends and nothing else that could disturb a terminal. */
const messageLine = (error: unknown): string => messageOf(error).split('\n').map(printable).join('\n')

const stackOf = (error: unknown): string[] =>
  error instanceof Error
    ? (error.stack ?? '')
        .split('\n')
        .filter((line) => /^\s+at /.test(line))
        .map(printable)
    : []
