import { LabCommand } from '../cli/command.js'
import { topologyFlags } from '../cli/flags.js'
import { Flags } from '../cli/oclif.js'
import { writeOutput } from '../cli/output.js'
import { sourceArgument, viewOf } from '../cli/source/view.js'
import { LabError } from '../errors.js'
import { FORMATS, formatRows } from '../present/formats/format.js'
import { rowsOf, TABLES } from '../present/tables.js'

export default class Export extends LabCommand {
  static readonly network = 'lab'
  static readonly labArgument = 'source'
  static override summary = 'Export a table of a running lab (from the kernel) or of a topology file (as resolved).'
  static override examples = [
    '<%= config.bin %> export --table addresses',
    '<%= config.bin %> export two-routers --table routes --format csv -o routes.csv',
    '<%= config.bin %> export topologies/two-routers.yaml --table links --format markdown',
  ]
  static override args = { source: sourceArgument }
  static override flags = {
    table: Flags.option({ options: TABLES, default: 'nodes' as const, description: 'table to export' })(),
    format: Flags.option({ options: FORMATS, default: 'table' as const, description: 'output format' })(),
    output: Flags.string({ char: 'o', description: 'file to write; standard output by default' }),
    ...topologyFlags,
  }

  async run(): Promise<unknown> {
    const { args, flags, metadata } = await this.parse(Export)
    const isJson = this.jsonEnabled()
    if (isJson && metadata.flags.format?.setFromDefault !== true && flags.format !== 'json') {
      throw new LabError('USAGE', `--json is not --format ${flags.format}`)
    }
    const { table } = flags
    const view = await viewOf(args.source, flags, table === 'routes' || table === 'neighbours' ? [table] : [])
    const rows = rowsOf(view, table)
    if (isJson && flags.output === undefined) return rows
    const columns = flags.output === undefined || flags.output === '-' ? this.columns : undefined
    writeOutput(formatRows(table, rows, isJson ? 'json' : flags.format, columns), flags.output)
    // With --json, oclif prints the result on standard output, but it is in the file already.
    this.argv = this.argv.filter((word) => word !== '--json')
    return rows
  }
}
