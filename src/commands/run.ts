import { interruptible, LabCommand } from '../cli/command.js'
import { topologyFlags } from '../cli/flags.js'
import { Flags, requiredArgument } from '../cli/oclif.js'
import { LabError } from '../errors.js'
import type { RunOptions } from '../lab/scenario/runner.js'
import { eventText } from '../present/scenario.js'

export default class Run extends LabCommand {
  static readonly network = 'file'
  static readonly fileArgument = 'file'
  static override needs = 'a scenario, or a topology with one'
  static override summary = 'Run a scenario on a running lab: timed steps with expectations.'
  static override description =
    'Prints a line for each step, with the time at which it was done. The exit status is 8 when an expectation failed. Ctrl-C ends ' +
    'what still runs; what the steps have changed stays. ' +
    'With --json, each event is a document on a line of its own; the last one has the counts. An error is a line, too.'
  static override usage = 'run FILE [--lab LAB] [--set NAME=VALUE...] [--json]'
  static override examples = [
    '<%= config.bin %> run topologies/scenarios/failing-ring.yaml',
    '<%= config.bin %> run scenario.yaml --lab two-routers --json',
  ]
  static override args = { file: requiredArgument('scenario, or topology with the key `scenario`') }
  static override flags = {
    lab: Flags.string({ description: 'which lab; by default, the one that the file names, else the only one' }),
    set: topologyFlags.set,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Run)
    // An ordinary user's program reads the file twice, see cli/rootless.ts.
    if (args.file === '-') throw new LabError('USAGE', 'run needs a file; it cannot read standard input')
    const { loadScenario, sourcesOf } = await import('../cli/input/source.js')
    const scenario = loadScenario(args.file, flags)
    const { Lab } = await import('../lab/lab.js')
    const lab = Lab.attach(flags.lab ?? scenario.lab ?? undefined)
    const isJson = this.jsonEnabled()
    const onEvent: RunOptions['onEvent'] = (event) => {
      if (!isJson) this.log(eventText(event))
      // The last one is what the command returns.
      else if (event.event !== 'ended') this.logJson(event)
    }
    const consequence = 'what the steps have changed stays'
    const ended = await interruptible(
      async (signal) => await lab.run(scenario, { signal, onEvent, readSource: sourcesOf(args.file) }),
      consequence,
    )
    const { checked, held } = ended.expectations
    if (held < checked) process.exitCode = new LabError('NEGATIVE', 'an expectation failed').exitCode
    return ended
  }

  /** One line a document. */
  protected override logJson(document: unknown): void {
    process.stdout.write(`${JSON.stringify(document)}\n`)
  }
}
