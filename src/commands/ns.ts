import { LabCommand } from '../cli/command.js'
import { labArgument } from '../cli/flags.js'
import { Flags } from '../cli/oclif.js'
import { LabError } from '../errors.js'

export default class Ns extends LabCommand {
  static readonly network = 'none'
  static override summary = 'Show the namespaces of a lab’s nodes, or of the whole machine.'
  static override description =
    'Numbers are inodes, as in /proc/PID/ns. --all lists namespaces as lsns(8) does; OWNER is the user namespace that owns ' +
    'a namespace. A namespace that only an open file descriptor keeps is not found.'
  static override examples = [
    '<%= config.bin %> ns',
    '<%= config.bin %> ns two-routers --json',
    '<%= config.bin %> ns --all',
  ]
  static override args = { lab: labArgument }
  static override flags = { all: Flags.boolean({ description: 'every namespace on the machine' }) }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Ns)
    if (flags.all && args.lab !== undefined) throw new LabError('USAGE', 'ns takes the name of a lab, or --all')
    const { labNamespaces, machineNamespaces } = await import('../lab/observe/namespaces.js')
    const { labNamespacesText, machineNamespacesText } = await import('../present/namespaces.js')
    if (flags.all) {
      const machine = machineNamespaces()
      this.log(machineNamespacesText(machine, this.columns))
      return machine
    }
    const { selectLab } = await import('../lab/record/select.js')
    const lab = labNamespaces(selectLab(args.lab))
    this.log(labNamespacesText(lab, this.columns))
    return lab
  }
}
