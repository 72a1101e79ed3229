import { endpointArgs, LinkCommand, linkFlags } from '../../cli/link-command.js'

export default class LinkDown extends LinkCommand {
  static readonly network = 'path'
  static readonly pathArgument = 'endpoint'
  static override summary = 'Take links of a running lab down, as `ip link set down` does at one end.'
  static override description =
    'The other end loses its carrier. Routes, next hops and permanent neighbours that the kernel forgets meanwhile come back with `link up`.'
  static override examples = [
    '<%= config.bin %> link down r1:eth0',
    '<%= config.bin %> link down --both two-routers/h1',
  ]
  static override strict = false
  static override args = endpointArgs
  static override flags = linkFlags

  async run(): Promise<unknown> {
    const parsed = await this.parse(LinkDown)
    const { takeDown } = await import('../../lab/links/state/link-state.js')
    return this.tell(await takeDown(await this.endsOf(this.listOf(parsed), parsed.flags), this.turnOf(parsed.flags)))
  }
}
