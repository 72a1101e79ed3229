import { LabCommand } from '../cli/command.js'
import { fileArgument, topologyFlags } from '../cli/flags.js'
import { loadTopology } from '../cli/input/source.js'
import { Flags } from '../cli/oclif.js'
import { presentPlan, presentScript } from '../cli/plan.js'

export default class Plan extends LabCommand {
  static readonly network = 'none'
  static override needs = 'a topology file, or - for standard input'
  static override summary = 'Show what `up` would do: one operation a line, with the equivalent iproute2 command.'
  static override examples = [
    '<%= config.bin %> plan topologies/two-routers.yaml',
    '<%= config.bin %> plan topologies/two-routers.yaml --json',
    '<%= config.bin %> plan topologies/two-routers.yaml --script > two-routers.sh',
  ]
  static override args = { file: fileArgument }
  static override flags = {
    ...topologyFlags,
    script: Flags.boolean({
      description: 'print a shell script that makes the same network with iproute2 alone',
      exclusive: ['json'],
    }),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Plan)
    const topology = loadTopology(args.file, flags)
    if (flags.script) return await presentScript(topology)
    return await presentPlan(this, topology)
  }
}
