// The common part of `exec` and `shell`: both run a command in a node and end with its exit status.
import { ExecFailure, LabError } from '../errors.js'
import type { SelectedNode } from '../lab/record/select.js'
import { LabCommand } from './command.js'
import { Flags } from './oclif.js'

// oclif does not inherit them: each command's class has to name them.
export const attachedFlags = {
  lab: Flags.string({ description: 'the lab that the node is in' }),
  env: Flags.string({
    char: 'e',
    description: "environment variable of the command; without VALUE, it has the caller's; may be given several times",
    helpValue: 'NAME[=VALUE]',
    multiple: true,
    multipleNonGreedy: true,
  }),
}

export interface AttachedFlags {
  lab?: string | undefined
  env?: string[] | undefined
}

export abstract class AttachedCommand extends LabCommand {
  /**
   * Runs a command in the place of this process: on its terminal, with its PID, ending as the command does. Node.js could not
   * tell a signal that is sent to it alone from one that the terminal sends to the command as well.
   *
   * @param node `[LAB/]NODE`
   * @param words the command, the last arguments of this process; empty for a shell
   */
  protected async attach(node: string, words: readonly string[], flags: AttachedFlags): Promise<void> {
    const { namedVariables, passedEnvironment } = await import('../lab/run/environment.js')
    const { execInPlace } = await import('../lab/run/exec.js')
    const selected = await this.select(node, flags)
    const env = namedVariables(flags.env ?? [])
    execInPlace(selected.node, words, { passed: passedEnvironment(selected.lab), env })
  }

  protected async select(node: string, { lab }: AttachedFlags): Promise<SelectedNode> {
    const { selectNode } = await import('../lab/record/select.js')
    if (lab === undefined) return selectNode(node)
    if (node.includes('/')) throw new LabError('USAGE', `${node} names a lab already`, { hint: 'leave out --lab' })
    return selectNode(`${lab}/${node}`)
  }

  /** Failures of nslab itself exit with 125, so that no one takes them for the command's. */
  protected override failureOf(error: unknown): LabError {
    return new ExecFailure(super.failureOf(error))
  }
}
