import { LabCommand } from '../cli/command.js'
import { nodeArgument } from '../cli/flags.js'

export default class Mounts extends LabCommand {
  static readonly network = 'none'
  static override needs = 'a node: NODE, or LAB/NODE'
  static override summary = 'List what is mounted in a node.'
  static override description =
    'Shows /proc/PID/mountinfo of the node’s first process, and the counters of file systems such as NFS in /proc/PID/mountstats.'
  static override examples = ['<%= config.bin %> mounts h1', '<%= config.bin %> mounts two-routers/r1 --json']
  static override args = { node: nodeArgument }

  async run(): Promise<unknown> {
    const { args } = await this.parse(Mounts)
    const { selectNode } = await import('../lab/record/select.js')
    const { nodeMounts } = await import('../lab/observe/mounts.js')
    const { mountsText } = await import('../present/processes.js')
    const mounts = nodeMounts(selectNode(args.node))
    this.log(mountsText(mounts, this.columns))
    return mounts
  }
}
