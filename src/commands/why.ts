import { LabCommand } from '../cli/command.js'
import { pingFlags, portFlag } from '../cli/flags.js'
import { Flags, requiredArgument } from '../cli/oclif.js'
import { LabError } from '../errors.js'
import { explanationText } from '../present/reach/explanation.js'

export default class Why extends LabCommand {
  static readonly network = 'none'
  static override summary = 'Explain why a node reaches another or an address, or why it does not.'
  static override description =
    'Follows the request and its answer from node to node by what the kernel of each node says: routes, rules, neighbours, ' +
    'interfaces, bridges, sysctls and firewalls. Ends with one sentence, and with the command that mends the fault if one is ' +
    'known. With --tcp or --udp, it asks one port, and says what listens there if packets arrive. The exit status is 8 when ' +
    'a ping gets no answer, or the port is not open.'
  static override examples = [
    '<%= config.bin %> why h1 h2',
    '<%= config.bin %> why h1 h2 --tcp 80',
    '<%= config.bin %> why h1 h2 --size 1472',
    '<%= config.bin %> why two-routers/h1 10.0.0.5 --json',
  ]
  static override args = {
    from: requiredArgument('[LAB/]NODE that sends'),
    to: requiredArgument('NODE, NODE:INTERFACE or NODE-INTERFACE of the same lab, or an address'),
  }
  static override flags = {
    tcp: portFlag('ask this TCP port', ['udp', 'size']),
    udp: portFlag('ask this UDP port', ['tcp', 'size']),
    size: Flags.integer({
      ...{ description: 'bytes of data of packets that nobody may fragment', helpValue: 'BYTES', min: 24, max: 65_507 },
    }),
    ipv4: pingFlags.ipv4,
    ipv6: pingFlags.ipv6,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Why)
    const { selectNode } = await import('../lab/record/select.js')
    const { explainPath } = await import('../lab/why/explain.js')
    const { lab, node } = selectNode(args.from)
    const to = args.to.startsWith(`${lab.name}/`) ? args.to.slice(lab.name.length + 1) : args.to
    const result = await explainPath(lab, node, to, {
      family: flags.ipv4 ? 4 : flags.ipv6 ? 6 : null,
      ...(flags.tcp === undefined ? {} : { protocol: 'tcp', port: flags.tcp }),
      ...(flags.udp === undefined ? {} : { protocol: 'udp', port: flags.udp }),
      ...(flags.size === undefined ? {} : { size: flags.size }),
    })
    this.log(explanationText(result))
    if (!result.works) process.exitCode = new LabError('NEGATIVE', result.sentence).exitCode
    return result
  }
}
