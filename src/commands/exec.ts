import { AttachedCommand } from '../cli/attached-command.js'
import { execWords } from '../cli/exec-words.js'
import { nodeArgument } from '../cli/flags.js'
import { LabError } from '../errors.js'

export default class Exec extends AttachedCommand {
  static readonly network = 'none'
  static override summary = 'Run a command in a node, in all of its namespaces.'
  static override description =
    'COMMAND is found by PATH and given its arguments as they are written. ' +
    "Returns the command's own exit status, 128 + N when signal N killed it, 125 when nslab failed, 126 when the " +
    'command cannot be started, 127 when it is not found.'
  static override examples = [
    '<%= config.bin %> exec h1 -- ip address',
    '<%= config.bin %> exec two-routers/r1 -- sysctl net.ipv4.ip_forward',
    'echo hello | <%= config.bin %> exec h1 -- cat',
  ]
  static override args = { node: nodeArgument }
  static override usage = 'exec NODE -- COMMAND…'

  async run(): Promise<void> {
    const { own, command } = execWords(this.argv)
    this.argv = own
    if (own.length === 0 || command.length === 0)
      throw new LabError('USAGE', 'exec needs a command', { hint: 'exec NODE -- COMMAND…' })
    const { args } = await this.parse(Exec)
    await this.attach(args.node, command)
  }
}
