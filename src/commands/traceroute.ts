import { LabCommand } from '../cli/command.js'
import { pingFlags } from '../cli/flags.js'
import { Flags, requiredArgument } from '../cli/oclif.js'
import { LabError } from '../errors.js'
import { traceText } from '../present/reach/trace.js'

export default class Traceroute extends LabCommand {
  static readonly network = 'none'
  static override needs = 'two nodes, or a node and an address'
  static override summary = 'Show over which nodes packets from a node to a node or an address go.'
  static override description =
    'The datagrams of a flow differ in their TTL alone. Where routers share load, flows may take different ways: each line has ' +
    'all that answered at its distance, with the numbers of their flows. * means that nothing answered. The exit status is 8 ' +
    'when the destination did not answer.'
  static override examples = [
    '<%= config.bin %> traceroute h1 h2',
    '<%= config.bin %> traceroute h1 r2:eth0 -6 --flows 16',
    '<%= config.bin %> traceroute two-routers/h1 10.0.0.5 --json',
  ]
  static override args = {
    from: requiredArgument('[LAB/]NODE that sends'),
    to: requiredArgument('NODE, NODE:INTERFACE or NODE-INTERFACE of the same lab, or an address'),
  }
  static override flags = {
    'max-hops': Flags.integer({ char: 'm', description: 'the greatest TTL; by default 30', min: 1, max: 255 }),
    flows: Flags.integer({ description: 'flows, which differ in their source port; by default 4', min: 1, max: 64 }),
    timeout: pingFlags.timeout,
    ipv4: pingFlags.ipv4,
    ipv6: pingFlags.ipv6,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Traceroute)
    const { selectNode, withoutLab } = await import('../lab/record/select.js')
    const { TRACE_DEFAULTS, tracePath } = await import('../lab/observe/trace.js')
    const { lab, node } = selectNode(args.from)
    const trace = await tracePath(lab, node, withoutLab(args.to, lab.name), {
      family: flags.ipv4 ? 4 : flags.ipv6 ? 6 : null,
      flows: flags.flows ?? TRACE_DEFAULTS.flows,
      maxHops: flags['max-hops'] ?? TRACE_DEFAULTS.maxHops,
      timeoutMs: flags.timeout === undefined ? TRACE_DEFAULTS.timeoutMs : Number(flags.timeout) * 1000,
    })
    this.log(traceText(trace))
    if (!trace.reached) process.exitCode = new LabError('NEGATIVE', 'the destination did not answer').exitCode
    return trace
  }
}
