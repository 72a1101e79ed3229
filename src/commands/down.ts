import { LabCommand } from '../cli/command.js'
import { argument, Flags } from '../cli/oclif.js'
import { LabError } from '../errors.js'

export default class Down extends LabCommand {
  static readonly network = 'none'
  static override summary = 'Take labs down: every process, namespace, interface and file of them.'
  static override examples = [
    '<%= config.bin %> down two-routers',
    '<%= config.bin %> down first second',
    '<%= config.bin %> down --all',
  ]
  static override args = { lab: argument('name of a lab; may be left out while only one runs') }
  static override strict = false
  static override flags = { all: Flags.boolean({ description: 'all of your labs' }) }

  async run(): Promise<unknown> {
    const parsed = await this.parse(Down)
    const { all } = parsed.flags
    const names = this.listOf(parsed)
    if (all && names.length > 0) throw new LabError('USAGE', 'give either names of labs or --all')
    const { takeDown } = await import('../lab/end/down.js')
    const down = await takeDown(all ? 'all' : names)
    this.log(down.length === 0 ? 'no lab is running' : down.map((name) => `lab ${name} is down`).join('\n'))
    return { down }
  }
}
