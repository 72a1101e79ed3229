import { readRegularFile } from '../../cli/input/read-input.js'
import { endpointArgs, LinkCommand, linkFlags } from '../../cli/link-command.js'
import { Flags } from '../../cli/oclif.js'
import { LabError } from '../../errors.js'

export default class LinkSet extends LinkCommand {
  static readonly network = 'path'
  static readonly pathArgument = 'endpoint'
  static override summary = 'Change what links of a running lab do to frames: delay, loss, rate and their like.'
  static override description =
    'KEY=VALUE changes what the endpoint sends and keeps the rest; the keys are those of links in a topology, and KEY.PART=VALUE changes a part. KEY=none or KEY= removes one. Where this kernel cannot emulate what is written, a plain link is replaced by nslab’s own wire, which ends captures that run on it; see docs/links.md.'
  static override examples = [
    '<%= config.bin %> link set h1:eth0 delay=20ms loss=1%',
    '<%= config.bin %> link set --both two-routers/r1:eth0 rate=10mbit queue.kind=fq_codel',
    '<%= config.bin %> link set h1:eth0 jitter=2ms jitter.distribution=normal loss=none',
    '<%= config.bin %> link set lan:port3 --pair a delay=40ms',
    '<%= config.bin %> link set h1:eth0 --clear',
  ]
  static override usage = 'link set ENDPOINT… [KEY=VALUE…] [--both] [--clear] [--pair NODE] [--lab LAB] [--json]'
  static override strict = false
  static override args = endpointArgs
  static override flags = {
    ...linkFlags,
    clear: Flags.boolean({ description: 'first remove all that the endpoint has, or the pair' }),
    pair: Flags.string({
      description:
        'only frames from this station of a LAN; the endpoint is the port of its switch towards the receiver',
      helpValue: 'NODE',
    }),
  }

  async run(): Promise<unknown> {
    const parsed = await this.parse(LinkSet)
    const { clear, pair, both } = parsed.flags
    const all = this.listOf(parsed)
    // An interface may have a `=` in its name; it stands behind a colon.
    const first = all.findIndex((word) => /^[^:]*=/.test(word))
    const [endpoints, words] = first < 0 ? [all, []] : [all.slice(0, first), all.slice(first)]
    if (words.length === 0 && !clear)
      throw new LabError('USAGE', 'there is nothing to set: write KEY=VALUE, such as delay=20ms, or --clear')
    if (both && pair !== undefined) throw new LabError('USAGE', '--pair is of one direction, so it cannot have --both')
    const ends = await this.endsOf(endpoints, parsed.flags)
    const { setImpairments } = await import('../../lab/links/set.js')
    // A part of a key has no `none`.
    const written = words.map((word) => (/^[^.=]+=$/.test(word) ? `${word}none` : word))
    const readSource = (file: string) => ({ file, text: readRegularFile(file) })
    const { changes, warnings, replaced } = await setImpairments(
      ends,
      {
        ...{ words: written, isCleared: clear, readSource },
        ...(pair === undefined ? {} : { pair }),
      },
      this.turnOf(parsed.flags),
    )
    for (const warning of warnings) this.notice(warning)
    for (const name of replaced)
      this.note(
        `${name} was replaced by a wire, so captures on its interfaces have ended; \`emulation: wire\` in the file avoids that`,
      )
    for (const { from, to, impairments, emulation } of changes)
      this.log(`${from} → ${to}: ${impairments ?? 'no impairments'}${emulation === null ? '' : ` (${emulation})`}`)
    return { changes, replaced }
  }
}
