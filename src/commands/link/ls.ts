import { LabCommand } from '../../cli/command.js'
import { labArgument } from '../../cli/flags.js'
import { formatRows } from '../../present/formats/format.js'
import { rowsOf } from '../../present/tables.js'

export default class LinkLs extends LabCommand {
  static readonly network = 'lab'
  static readonly labArgument = 'lab'
  static override summary = 'List the links of a lab, as the kernel has them now.'
  static override examples = ['<%= config.bin %> link ls', '<%= config.bin %> link ls two-routers --json']
  static override args = { lab: labArgument }

  async run(): Promise<unknown> {
    const { args } = await this.parse(LinkLs)
    const { Lab } = await import('../../lab/lab.js')
    const rows = rowsOf(await Lab.attach(args.lab).inspect(), 'links')
    this.log(formatRows('links', rows, 'table', this.columns))
    return { links: rows }
  }
}
