import { interruptible, LabCommand } from '../cli/command.js'
import { labArgument } from '../cli/flags.js'
import { Flags } from '../cli/oclif.js'
import { LabError } from '../errors.js'
import { checkedLab, testReport } from '../present/checks/report.js'
import { REPORTERS, reportText } from '../present/checks/reporters.js'

export default class Check extends LabCommand {
  static readonly network = 'lab'
  static readonly labArgument = 'lab'
  static override summary = 'Run the checks of a running lab.'
  static override description =
    'They are those of the file that the lab was built from or applied last. The exit status is 8 when a check failed.'
  static override examples = ['<%= config.bin %> check', '<%= config.bin %> check two-routers --reporter tap']
  static override args = { lab: labArgument }
  static override flags = {
    reporter: Flags.option({ options: REPORTERS, default: 'table' as const })({
      description: 'form of the report',
    }),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Check)
    const { Lab } = await import('../lab/lab.js')
    const lab = Lab.attach(args.lab)
    const checked = await interruptible(async (signal) => await lab.check({ signal }), 'the lab runs on')
    const report = testReport([checkedLab(checked)], checked.elapsedMs)
    if (!this.jsonEnabled()) this.log(reportText(report, flags.reporter))
    if (checked.failed > 0) process.exitCode = new LabError('NEGATIVE', 'a check failed').exitCode
    return report
  }
}
