import { EditCommand, editFlags } from '../../cli/change/edit-command.js'
import { Flags, requiredArgument } from '../../cli/oclif.js'
import { LabError } from '../../errors.js'

export default class NodeAdd extends EditCommand {
  static readonly network = 'path'
  static readonly pathArgument = 'node'
  static override needs = 'the name of the new node, such as h9'
  static override summary = 'Add a node to a running lab, as if its file had it.'
  static override description =
    'KEY=VALUE is a key of a node in a topology, with what stands behind it in the file, as YAML. Nothing that is there changes but routes. The next `apply` of a file makes the lab equal to that file.'
  static override examples = [
    '<%= config.bin %> node add h9',
    '<%= config.bin %> node add two-routers/r9 --kind router loopback=[192.0.2.9/32]',
    '<%= config.bin %> node add h9 "exec=[sleep 1000 &]" --dry-run',
  ]
  static override usage = 'node add [LAB/]NODE [KEY=VALUE…] [--kind KIND] [--lab LAB] [--dry-run] [--json]'
  static override strict = false
  static override args = { node: requiredArgument('[LAB/]NODE: the name of the new node') }
  static override flags = {
    ...editFlags,
    kind: Flags.string({ description: 'host, router, switch, or a kind of the file; host by default' }),
  }

  async run(): Promise<unknown> {
    const parsed = await this.parse(NodeAdd)
    const { flags } = parsed
    const { names, keys } = this.parted(this.listOf(parsed))
    if (names.length !== 1)
      throw new LabError('USAGE', `node add takes one node, and was given ${names.join(' ') || 'none'}`)
    if (flags.kind !== undefined && 'kind' in keys) throw new LabError('USAGE', 'use --kind or kind=, not both')
    const { nodeAddition } = await import('../../topology/edit/ask.js')
    const { editLab } = await import('../../lab/edit/edit-lab.js')
    const { lab, names: nodes } = await this.within(names, flags)
    const written = { ...(flags.kind === undefined ? {} : { kind: flags.kind }), ...keys }
    const place = process.cwd()
    return await this.carryOut(flags, (options) =>
      editLab(lab, (present) => nodeAddition(present, nodes[0] as string, written, place), options),
    )
  }
}
