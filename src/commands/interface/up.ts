import { InterfaceCommand, interfaceArgs, interfaceFlags } from '../../cli/change/interface-command.js'

export default class InterfaceUp extends InterfaceCommand {
  static readonly network = 'path'
  static readonly pathArgument = 'interface'
  static override summary = 'Bring interfaces of a running lab up again, with all routes and neighbours that they had.'
  static override description =
    'The kernel forgets routes, next hops and permanent neighbours of an interface that is down; those that `interface down` found are made again.'
  static override examples = [
    '<%= config.bin %> interface up s1:br0',
    '<%= config.bin %> interface up two-routers/r1:eth0',
  ]
  static override strict = false
  static override args = interfaceArgs
  static override flags = interfaceFlags

  async run(): Promise<unknown> {
    const parsed = await this.parse(InterfaceUp)
    const { bringUp } = await import('../../lab/links/state/link-state.js')
    return await this.change(this.listOf(parsed), parsed.flags, bringUp)
  }
}
