import { presentChange } from '../cli/change/consent.js'
import { LabCommand } from '../cli/command.js'
import { topologyFlags } from '../cli/flags.js'
import { argument, requiredArgument } from '../cli/oclif.js'
import { LabError } from '../errors.js'
import { differenceText } from '../present/change/summary.js'

export default class Diff extends LabCommand {
  static readonly network = 'topology'
  static readonly fileArgument = 'file'
  static readonly labArgument = 'lab'
  static override needs = 'a topology file'
  static override summary = 'Show what differs between a running lab and a topology file.'
  static override description =
    'Reads what the kernel has and changes nothing. + is in the file alone, - in the lab alone, ~ differs; ? is in the lab, and ' +
    'nslab has not made it: that is no difference. The exit status is 8 when something differs.'
  static override usage = 'diff [LAB] FILE [--name LAB] [--set NAME=VALUE...] [--json]'
  static override examples = ['<%= config.bin %> diff lab.yaml', '<%= config.bin %> diff two-routers lab.yaml --json']
  static override args = {
    lab: requiredArgument('name of the running lab; may be left out, and is the name that the file has then'),
    file: argument('topology file; - reads standard input'),
  }
  static override flags = topologyFlags

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Diff)
    const [lab, file] = args.file === undefined ? [undefined, args.lab] : [args.lab, args.file]
    const { loadTopology } = await import('../cli/input/source.js')
    const { tablesFor } = await import('../lab/record/applied/tables.js')
    const topology = loadTopology(file, { ...flags, tablesOf: tablesFor })
    const { Lab } = await import('../lab/lab.js')
    const change = await Lab.attach(lab ?? topology.name).diff(topology)
    presentChange(this, change)
    this.log(differenceText(change))
    if (!change.equal) process.exitCode = new LabError('NEGATIVE', 'the lab differs').exitCode
    return change
  }
}
