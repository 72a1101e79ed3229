import { LabCommand } from '../cli/command.js'
import { fileArgument } from '../cli/flags.js'
import { loadTopology } from '../cli/source.js'

export default class Validate extends LabCommand {
  static override summary = 'Check a topology file; say every fault with its line and column.'
  static override examples = [
    '<%= config.bin %> validate topologies/two-routers.yaml',
    '<%= config.bin %> validate lab.yaml --json',
  ]
  static override args = { file: fileArgument }

  async run(): Promise<unknown> {
    const { args } = await this.parse(Validate)
    const { name, nodes, links, warnings } = loadTopology(args.file)
    for (const warning of warnings) this.notice(warning)
    this.log(`${args.file} is valid: lab ${name}, ${nodes.length} nodes, ${links.length} links`)
    return { valid: true, lab: name, nodes: nodes.length, links: links.length, warnings }
  }
}
