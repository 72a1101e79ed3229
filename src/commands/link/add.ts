import { EditCommand, editFlags } from '../../cli/change/edit-command.js'
import { requiredArgument } from '../../cli/oclif.js'
import { LabError } from '../../errors.js'

export default class LinkAdd extends EditCommand {
  static readonly network = 'path'
  static readonly pathArgument = 'end'
  static override needs = 'two ends, such as h1 and r1'
  static override summary = 'Add a link to a running lab, as if its file had it.'
  static override description =
    'KEY=VALUE is a key of a link in a topology, with what stands behind it in the file, as YAML. Interfaces without a name get the next free one. Nothing that is there changes but routes. The next `apply` of a file makes the lab equal to that file.'
  static override examples = [
    '<%= config.bin %> link add h1 r2',
    '<%= config.bin %> link add two-routers/r1:wan0 r2 mtu=1400 delay=10ms name=backup',
    '<%= config.bin %> link add h1 h2 subnets=[192.0.2.0/24] --dry-run',
  ]
  static override usage =
    'link add [LAB/]NODE[:INTERFACE] NODE[:INTERFACE] [KEY=VALUE…] [--lab LAB] [--dry-run] [--json]'
  static override strict = false
  static override args = { end: requiredArgument('[LAB/]NODE or [LAB/]NODE:INTERFACE; two of them') }
  static override flags = editFlags

  async run(): Promise<unknown> {
    const parsed = await this.parse(LinkAdd)
    const { names: words, keys } = this.parted(this.listOf(parsed))
    if (words.length !== 2)
      throw new LabError('USAGE', `link add takes two ends, and was given ${words.join(' ') || 'none'}`)
    const { linkAddition } = await import('../../topology/edit/ask.js')
    const { editLab } = await import('../../lab/edit/edit-lab.js')
    const { lab, names } = await this.within(words, parsed.flags)
    const [a = '', b = ''] = names
    const place = process.cwd()
    return await this.carryOut(parsed.flags, (options) =>
      editLab(lab, (present) => linkAddition(present, [a, b], keys, place), options),
    )
  }
}
