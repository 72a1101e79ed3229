// The failure of a command in a node, for callers that ask for an error instead of a result.
import { LabError } from '../../errors.js'
import type { ExecResult } from './exec-result.js'

/** How many of the last lines that the command wrote the message quotes. */
const LINES_MAX = 5

/**
 * A command in a node ended with a status other than 0, did not end in time, or was not ready when it should have been. Its `code` is
 * COMMAND_FAILED.
 */
export class CommandError extends LabError {
  constructor(
    /** Name of the node. */
    readonly node: string,
    readonly command: readonly string[],
    /** All that the call would have returned without `reject`; of a command that was to go on, what it wrote until it ended. */
    readonly result: ExecResult,
    outcome = outcomeOf(result),
  ) {
    const lines = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-LINES_MAX).join('\n')
    super('COMMAND_FAILED', `${node}: ${command.join(' ')} ${outcome}${lines && `: ${lines}`}`)
  }
}

/** How a command ended. */
export const outcomeOf = ({ exitCode, signal, timedOut }: ExecResult): string =>
  timedOut
    ? 'did not end in time'
    : signal === undefined
      ? `ended with status ${exitCode}`
      : `ended with status ${exitCode} (${signal})`
