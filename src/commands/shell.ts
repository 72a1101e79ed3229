import { AttachedCommand } from '../cli/attached-command.js'
import { nodeArgument } from '../cli/flags.js'

export default class Shell extends AttachedCommand {
  static readonly network = 'none'
  static override needs = 'a node: NODE, or LAB/NODE'
  static override summary = 'Open an interactive shell in a node, in all of its namespaces.'
  static override examples = ['<%= config.bin %> shell h1', '<%= config.bin %> shell two-routers/r1']
  static override args = { node: nodeArgument }

  async run(): Promise<void> {
    const { args } = await this.parse(Shell)
    await this.attach(args.node, [])
  }
}
