// Reads what commands of a node print. Programs of the node may stand in for ip(8) and the others, and print anything.
import { LabError } from '../../../errors.js'
import type { ExecResult } from '../../run/exec-result.js'

export class Reader {
  /** What could not be read, in words, in the order of reading. */
  readonly unread: string[] = []

  /** @returns whether a command has ended by itself, with an output that is kept whole */
  whole(command: string, { timedOut, truncated }: Pick<ExecResult, 'timedOut' | 'truncated'>): boolean {
    if (timedOut) this.unread.push(`${command} did not end`)
    else if (truncated) this.unread.push(`${command} printed too much`)
    return !timedOut && !truncated
  }

  /**
   * @param otherwise the result where what is printed is no JSON, or JSON of another shape
   * @throws LabError of `parse`
   */
  read<T>(command: string, parse: () => T, otherwise: T): T {
    try {
      return parse()
    } catch (error) {
      if (error instanceof LabError) throw error
      this.unread.push(`${command} printed what cannot be read`)
      return otherwise
    }
  }
}
