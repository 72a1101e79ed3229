import { LabCommand } from '../cli/command.js'
import { fileArgument, topologyFlags } from '../cli/flags.js'
import { presentPlan } from '../cli/plan.js'
import { loadTopology } from '../cli/source.js'

export default class Plan extends LabCommand {
  static override summary = 'Show what `up` would do: one operation a line, with the iproute2 command it equals.'
  static override examples = [
    '<%= config.bin %> plan topologies/two-routers.yaml',
    '<%= config.bin %> plan topologies/two-routers.yaml --json',
  ]
  static override args = { file: fileArgument }
  static override flags = topologyFlags

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Plan)
    return presentPlan(this, loadTopology(args.file, flags))
  }
}
