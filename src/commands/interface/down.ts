import { InterfaceCommand, interfaceArgs, interfaceFlags } from '../../cli/change/interface-command.js'

export default class InterfaceDown extends InterfaceCommand {
  static readonly network = 'path'
  static readonly pathArgument = 'interface'
  static override summary = 'Take interfaces of a running lab down: ends of links, bridges and all others.'
  static override description =
    'As `ip link set down` in the node. Routes, next hops and permanent neighbours that the kernel forgets meanwhile, also those of interfaces that stand on it, come back with `interface up`.'
  static override examples = [
    '<%= config.bin %> interface down s1:br0',
    '<%= config.bin %> interface down two-routers/r1:eth0',
  ]
  static override strict = false
  static override args = interfaceArgs
  static override flags = interfaceFlags

  async run(): Promise<unknown> {
    const parsed = await this.parse(InterfaceDown)
    const { takeDown } = await import('../../lab/links/state/link-state.js')
    return await this.change(this.listOf(parsed), parsed.flags, takeDown)
  }
}
