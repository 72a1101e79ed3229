// Commands that stop nodes and let them go on: `pause` and `resume`.
import { LabError } from '../errors.js'
import type { SelectedNode } from '../lab/select.js'
import { LabCommand } from './command.js'
import { Args, Flags } from './oclif.js'

// oclif looks for these in the class of the command alone.
export const pausingArgs = { node: Args.string({ description: '[LAB/]NODE; all of the lab when left out' }) }
export const pausingFlags = { lab: Flags.string({ description: 'all nodes of this lab' }) }

export abstract class PausingCommand extends LabCommand {
  /** Does it to the nodes that the command line names, and says which they were. */
  protected async change(
    command: typeof PausingCommand & { flags: typeof pausingFlags },
    status: 'paused' | 'running',
    act: (nodes: SelectedNode[]) => void,
  ): Promise<unknown> {
    const parsed = await this.parse(command)
    const { flags } = parsed
    const names = this.listOf(parsed)
    if (flags.lab !== undefined && names.length > 0) throw new LabError('USAGE', 'give either nodes or --lab')
    const { selectLab, selectNode } = await import('../lab/select.js')
    const { livingNodes } = await import('../lab/pause.js')
    const isWhole = names.length === 0
    const lab = isWhole ? selectLab(flags.lab) : null
    const nodes = lab ? livingNodes(lab) : names.map(selectNode)
    act(nodes)
    const done = status === 'paused' ? 'paused' : 'running'
    const changed = new Set(nodes.map(({ node }) => node.name))
    const dead = lab?.state.nodes.filter(({ name }) => !changed.has(name)) ?? []
    if (dead.length > 0) this.notice(`dead, and left out: ${dead.map(({ name }) => name).join(', ')}`)
    this.log(lab ? `lab ${lab.name} is ${done}` : nodes.map(({ node }) => `${node.name} is ${done}`).join('\n'))
    return { nodes: nodes.map((each) => ({ lab: each.lab.name, node: each.node.name, status })) }
  }
}
