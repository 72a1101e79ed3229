import { LabCommand } from '../cli/command.js'
import { argument, Flags } from '../cli/oclif.js'
import { LabError } from '../errors.js'

export default class Ps extends LabCommand {
  static readonly network = 'none'
  static override summary = 'List the processes of a lab’s nodes, or of one node.'
  static override description =
    'PID is the number in the node, HOST PID the one outside; USER is the user in the node. Commands of `nslab exec` are listed, too.'
  static override examples = [
    '<%= config.bin %> ps',
    '<%= config.bin %> ps two-routers/r1',
    '<%= config.bin %> ps --lab two-routers --json',
  ]
  static override args = {
    node: argument('[LAB/]NODE, or LAB (or LAB/) for all of its nodes; those of the only lab by default'),
  }
  static override flags = {
    lab: Flags.string({ description: 'without a node: which lab; may be left out while only one runs' }),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Ps)
    const { selectLab, selectNodeOrLab } = await import('../lab/record/select.js')
    const { labProcesses } = await import('../lab/observe/processes.js')
    const { processesText } = await import('../present/processes.js')
    if (args.node !== undefined && flags.lab !== undefined) {
      throw new LabError('USAGE', 'ps takes a node or --lab', { hint: `ps ${flags.lab}/${args.node}` })
    }
    const chosen = args.node === undefined ? { lab: selectLab(flags.lab), node: null } : selectNodeOrLab(args.node)
    const listed = labProcesses(chosen.lab, chosen.node ? [chosen.node] : undefined)
    this.log(processesText(listed, this.columns))
    return listed
  }
}
