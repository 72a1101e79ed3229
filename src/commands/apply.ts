import { ChangeCommand } from '../cli/change/change-command.js'
import { presentChange, pruneFlag, yesFlag } from '../cli/change/consent.js'
import { interruptible } from '../cli/command.js'
import { fileArgument, topologyFlags, turnFlags } from '../cli/flags.js'
import { argument, Flags } from '../cli/oclif.js'
import { appliedText } from '../present/change/summary.js'

export default class Apply extends ChangeCommand {
  static readonly network = 'topology'
  static readonly fileArgument = 'file'
  static readonly labArgument = 'lab'
  static override needs = 'a topology file'
  static override summary = 'Make a running lab equal to a topology file.'
  static override description =
    'Compares the file with what the kernel has, and does the least that makes them equal: what does not differ keeps its ' +
    'processes, connections and counters. What nslab has not made stays. A failure rolls the change back. Nodes that ' +
    'cannot be changed while they run are restarted, after a question.'
  static override examples = [
    '<%= config.bin %> apply lab.yaml --dry-run',
    '<%= config.bin %> apply lab.yaml',
    '<%= config.bin %> apply lab.yaml --yes --json',
    '<%= config.bin %> apply lab.yaml second --name second',
  ]
  static override args = {
    file: fileArgument,
    lab: argument('name of the running lab; by default, the name that the file has'),
  }
  static override flags = {
    ...topologyFlags,
    'dry-run': Flags.boolean({ description: 'show what differs, and change nothing' }),
    prune: pruneFlag,
    yes: yesFlag,
    untrusted: Flags.boolean({ description: "the file is a stranger's, as with `up --untrusted`" }),
    ...turnFlags,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Apply)
    const { loadSource } = await import('../cli/input/source.js')
    const { tablesFor } = await import('../lab/record/applied/tables.js')
    const loaded = loadSource(args.file, { ...flags, tablesOf: tablesFor })
    const { Lab } = await import('../lab/lab.js')
    const lab = Lab.attach(args.lab ?? loaded.topology.name)
    const { elapsedMs, ...done } = await interruptible((signal) =>
      this.applyLoaded(
        lab,
        loaded,
        { ...flags, signal },
        { prune: flags.prune, dryRun: flags['dry-run'], turn: this.turnOf(flags) },
      ),
    )
    if (flags['dry-run']) presentChange(this, done.change)
    this.log(appliedText(done.change, { applied: done.applied, isDryRun: flags['dry-run'], elapsedMs }))
    return { ...done.change, applied: done.applied, elapsedMs }
  }
}
