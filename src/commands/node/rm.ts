import { EditCommand, editFlags } from '../../cli/change/edit-command.js'
import { requiredArgument } from '../../cli/oclif.js'

export default class NodeRm extends EditCommand {
  static readonly network = 'path'
  static readonly pathArgument = 'node'
  static override needs = 'a node'
  static override summary = 'Remove nodes from a running lab, with their links.'
  static override description =
    'All processes of the nodes end. Nothing else changes but routes: names and addresses stay. What the file says elsewhere about a node, such as a route over it, is an error.'
  static override examples = ['<%= config.bin %> node rm h9', '<%= config.bin %> node rm two-routers/h1 h2 --dry-run']
  static override strict = false
  static override args = { node: requiredArgument('[LAB/]NODE; several of them') }
  static override flags = editFlags

  async run(): Promise<unknown> {
    const parsed = await this.parse(NodeRm)
    const { nodeRemovals } = await import('../../topology/edit/ask.js')
    const { editLab } = await import('../../lab/edit/edit-lab.js')
    const { lab, names } = await this.within(this.listOf(parsed), parsed.flags)
    return await this.carryOut(parsed.flags, (options) =>
      editLab(lab, (present) => nodeRemovals(present, names), options),
    )
  }
}
