import { interruptible } from '../../cli/command.js'
import { durationFlag } from '../../cli/flags.js'
import { endpointArgs, LinkCommand, linkFlags } from '../../cli/link-command.js'
import { LabError } from '../../errors.js'

export default class LinkFlap extends LinkCommand {
  static readonly network = 'path'
  static readonly pathArgument = 'endpoint'
  static override summary = 'Take links of a running lab down and up again, again and again.'
  static override description = 'The links are up when the command ends, also after Ctrl-C.'
  static override examples = [
    '<%= config.bin %> link flap r1:eth0',
    '<%= config.bin %> link flap r1:eth0 --every 2s --down 500ms --for 30s',
  ]
  static override strict = false
  static override args = endpointArgs
  static override flags = {
    ...linkFlags,
    every: durationFlag({ description: 'from one failure to the next; by default 2s' }),
    down: durationFlag({ description: 'how long each failure lasts; by default half of --every' }),
    for: durationFlag({ description: 'how long to go on; by default until Ctrl-C' }),
  }

  async run(): Promise<unknown> {
    const parsed = await this.parse(LinkFlap)
    const { every = 2000, down = every / 2, for: total = Number.POSITIVE_INFINITY } = parsed.flags
    if (down >= every) throw new LabError('USAGE', '--down must be shorter than --every')
    const ends = await this.endsOf(this.listOf(parsed), parsed.flags)
    const { flap } = await import('../../lab/links/state/flap.js')
    const times = { everyMs: every, downMs: down, totalMs: total }
    const failures = await interruptible(
      async (signal) =>
        await flap(ends, times, { signal, turn: this.turnOf(parsed.flags), onChange: (change) => this.say(change) }),
    )
    return { failures }
  }

  private say({ endpoint, state }: { endpoint: string; state: string }): void {
    this.log(`${new Date().toISOString().slice(11, 23)} ${endpoint} is ${state}`)
  }
}
