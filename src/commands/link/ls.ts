import { LabCommand } from '../../cli/command.js'
import { argument } from '../../cli/oclif.js'
import { linksText } from '../../present/links.js'

export default class LinkLs extends LabCommand {
  static readonly network = 'path'
  static readonly pathArgument = 'lab'
  static override summary =
    'List the links of a lab: state, what emulates them, and what they have carried since the last look.'
  static override description =
    'Packets, bytes and drops are those of what a sends and of what b sends, since the last look; --json has the totals too. Delays are those that nslab’s wire has kept.'
  static override examples = [
    '<%= config.bin %> link ls',
    '<%= config.bin %> link ls two-routers --json',
    '<%= config.bin %> link ls two-routers/h1:eth0',
  ]
  static override args = {
    lab: argument('LAB, [LAB/]NODE or [LAB/]NODE:INTERFACE; all links of the only running lab by default'),
  }

  async run(): Promise<unknown> {
    const { args } = await this.parse(LinkLs)
    const { selectLinks } = await import('../../lab/links/endpoint.js')
    const { lookAtLinks } = await import('../../lab/links/look.js')
    const { lab, numbers } = selectLinks(args.lab)
    const report = await lookAtLinks(lab, numbers)
    this.log(linksText(report, this.columns))
    return report
  }
}
