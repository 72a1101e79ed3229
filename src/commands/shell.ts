import { AttachedCommand, attachedFlags } from '../cli/attached-command.js'
import { nodeArgument } from '../cli/flags.js'
import { LabError } from '../errors.js'

export default class Shell extends AttachedCommand {
  static readonly network = 'none'
  static override needs = 'a node: NODE, or LAB/NODE'
  static override summary = 'Open an interactive shell in a node, in all of its namespaces.'
  static override examples = ['<%= config.bin %> shell h1', '<%= config.bin %> shell two-routers/r1']
  static override args = { node: nodeArgument }
  static override flags = attachedFlags

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Shell)
    if (this.jsonEnabled())
      throw new LabError('USAGE', 'shell --json: a shell is for people, and gives no document', {
        hint: '`nslab exec NODE --json -- COMMAND…` gives the output of a command as one',
      })
    await this.attach(args.node, [], flags)
  }
}
