import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { interruptible, LabCommand } from '../cli/command.js'
import { topologyFlags } from '../cli/flags.js'
import { Flags, requiredArgument } from '../cli/oclif.js'
import type { Tested } from '../cli/testing/test-files.js'
import { failedCall, LabError } from '../errors.js'
import { testReport } from '../present/checks/report.js'
import { REPORTERS, type Reporter, reportText } from '../present/checks/reporters.js'
import { labText, summaryText } from '../present/checks/table.js'

export default class Test extends LabCommand {
  static readonly network = 'new'
  static override needs = 'topology files, or directories with topologies'
  static override summary = 'Bring labs up, run the checks of their files, and take them down.'
  static override description =
    'Each lab has a name of its own, so that a lab of the same file can run meanwhile. A file that needs something that this kernel ' +
    'lacks is skipped. The exit status is 8 when a check failed, and 3 when a file is invalid; the other files are tested all ' +
    'the same. Ctrl-C takes the labs down.'
  static override usage =
    'test FILE... [--reporter table|tap|junit|json] [-o FILE] [--jobs N] [--keep-on-failure] [--set NAME=VALUE...] [--json]'
  static override examples = [
    '<%= config.bin %> test topologies/ring.yaml',
    '<%= config.bin %> test topologies/ --reporter junit -o report.xml',
    '<%= config.bin %> test lab.yaml --keep-on-failure',
  ]
  static override args = {
    file: requiredArgument('topology files; of a directory, the topologies in it'),
  }
  static override strict = false
  static override flags = {
    reporter: Flags.option({ options: REPORTERS, default: 'table' as const })({
      description: 'form of the report',
    }),
    output: Flags.string({ char: 'o', description: 'file for the report; the table is printed beside it' }),
    jobs: Flags.integer({
      char: 'j',
      description: 'most labs at a time; by default, one a processor',
      min: 1,
      max: 64,
    }),
    'keep-on-failure': Flags.boolean({ description: 'leave the labs of failed checks running' }),
    set: topologyFlags.set,
  }

  async run(): Promise<unknown> {
    const parsed = await this.parse(Test)
    const { flags } = parsed
    const reporter: Reporter = this.jsonEnabled() ? 'json' : flags.reporter
    const { topologiesIn } = await import('../cli/testing/topologies.js')
    const { testFiles } = await import('../cli/testing/test-files.js')
    const files = topologiesIn(this.listOf(parsed))
    const began = performance.now()
    const isTable = (reporter === 'table' || flags.output !== undefined) && !this.jsonEnabled()
    const tested = await interruptible(
      (signal) =>
        testFiles(files, {
          flags: { set: flags.set },
          jobs: flags.jobs ?? availableParallelism(),
          keepOnFailure: flags['keep-on-failure'],
          signal,
          onWarning: (warning) => this.notice(warning),
          onTested: (lab) => (isTable ? this.log(labText(lab)) : undefined),
        }),
      'the labs are down',
    )
    const report = testReport(
      tested.map(({ lab }) => lab),
      performance.now() - began,
    )
    if (isTable && files.length > 1) this.log(summaryText(report))
    if (flags.output !== undefined) writeReport(flags.output, reportText(report, reporter))
    else if (!isTable && !this.jsonEnabled()) this.log(reportText(report, reporter))
    process.exitCode = exitCodeOf(tested)
    return report
  }
}

/** An invalid file comes before a lab that did not come up, and that before a failed check. */
function exitCodeOf(tested: readonly Tested[]): number {
  const failures = tested.flatMap(({ failure }) => failure ?? [])
  const invalid = failures.find(({ code }) => code === 'TOPOLOGY_INVALID')
  const isFailed = tested.some(({ lab }) => lab.status === 'failed')
  const failed = isFailed ? new LabError('NEGATIVE', 'a check failed') : undefined
  return (invalid ?? failures[0] ?? failed)?.exitCode ?? 0
}

function writeReport(file: string, text: string): void {
  try {
    writeFileSync(file, `${text}\n`)
  } catch (error) {
    throw failedCall(error) ?? error
  }
}
