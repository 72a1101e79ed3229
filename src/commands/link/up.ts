import { endpointArgs, LinkCommand, linkFlags } from '../../cli/link-command.js'

export default class LinkUp extends LinkCommand {
  static readonly network = 'path'
  static readonly pathArgument = 'endpoint'
  static override summary = 'Bring links of a running lab up again, with all routes and neighbours that they had.'
  static override description =
    'The kernel forgets routes, next hops and permanent neighbours of an interface that is down; those that `link down` found are made again.'
  static override examples = ['<%= config.bin %> link up r1:eth0', '<%= config.bin %> link up --both two-routers/h1']
  static override strict = false
  static override args = endpointArgs
  static override flags = linkFlags

  async run(): Promise<unknown> {
    const parsed = await this.parse(LinkUp)
    const { bringUp } = await import('../../lab/links/state/link-state.js')
    return this.tell(await bringUp(await this.endsOf(this.listOf(parsed), parsed.flags), this.turnOf(parsed.flags)))
  }
}
