// The common part of `pause` and `resume`.
import { LabError } from '../errors.js'
import type { SelectedNode } from '../lab/record/select.js'
import type { TurnOptions } from '../lab/turn/turn.js'
import { LabCommand } from './command.js'
import { turnFlags } from './flags.js'
import { argument, Flags } from './oclif.js'

// oclif does not inherit them: each command's class has to name them.
export const pausingArgs = {
  node: argument('[LAB/]NODE, or LAB (or LAB/) for all of it; the only lab when left out'),
}
export const pausingFlags = { lab: Flags.string({ description: 'all nodes of this lab' }), ...turnFlags }

export abstract class PausingCommand extends LabCommand {
  /** Calls `act` with the nodes that the command line names, and prints their new status. */
  protected async change(
    command: typeof PausingCommand & { flags: typeof pausingFlags },
    status: 'paused' | 'running',
    act: (nodes: SelectedNode[], turn: TurnOptions) => Promise<void>,
  ): Promise<unknown> {
    const parsed = await this.parse(command)
    const { flags } = parsed
    const names = this.listOf(parsed)
    if (flags.lab !== undefined && names.length > 0) throw new LabError('USAGE', 'give either nodes or --lab')
    const { selectLab, selectNodeOrLab } = await import('../lab/record/select.js')
    const { livingNodes } = await import('../lab/run/pause.js')
    const chosen = names.length === 0 ? [{ lab: selectLab(flags.lab), node: null }] : names.map(selectNodeOrLab)
    const nodes = chosen.flatMap(({ lab, node }) => (node ? [{ lab, node }] : livingNodes(lab)))
    await act(nodes, this.turnOf(flags))
    for (const { lab, node } of chosen) {
      const living = new Set(nodes.flatMap((each) => (each.lab === lab ? [each.node.name] : [])))
      const dead = node ? [] : lab.state.nodes.filter(({ name }) => !living.has(name))
      if (dead.length > 0) this.notice(`dead, and left out: ${dead.map(({ name }) => name).join(', ')}`)
      this.log(`${node ? node.name : `lab ${lab.name}`} is ${status}`)
    }
    return { nodes: nodes.map((each) => ({ lab: each.lab.name, node: each.node.name, status })) }
  }
}
