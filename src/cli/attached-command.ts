// The common part of `exec` and `shell`: both run a command in a node and end with its exit status.
import { ExecFailure, type LabError } from '../errors.js'
import { LabCommand } from './command.js'

export abstract class AttachedCommand extends LabCommand {
  /**
   * Runs a command in the place of this process: on its terminal, with its PID, ending as the command does. Node.js could not
   * tell a signal that is sent to it alone from one that the terminal sends to the command as well.
   *
   * @param node `[LAB/]NODE`
   * @param words the command; empty for a shell
   */
  protected async attach(node: string, words: readonly string[]): Promise<void> {
    const { selectNode } = await import('../lab/record/select.js')
    const { environmentFor, execInPlace } = await import('../lab/run/exec.js')
    const selected = selectNode(node)
    execInPlace(selected.node, words, environmentFor(selected.lab))
  }

  /** Failures of nslab itself exit with 125, so that no one takes them for the command's. */
  protected override failureOf(error: unknown): LabError {
    return new ExecFailure(super.failureOf(error))
  }
}
