import { EditCommand, editFlags } from '../../cli/change/edit-command.js'
import { requiredArgument } from '../../cli/oclif.js'

export default class LinkRm extends EditCommand {
  static readonly network = 'path'
  static readonly pathArgument = 'endpoint'
  static override needs = 'an endpoint, such as h1:eth0'
  static override summary = 'Remove links from a running lab.'
  static override description =
    'Both ends go. Nothing else changes but routes: names and addresses stay. What the file says elsewhere about an end, such as that it is a member of a bond, is an error.'
  static override examples = ['<%= config.bin %> link rm h1:eth0', '<%= config.bin %> link rm two-routers/h1 --dry-run']
  static override strict = false
  static override args = {
    endpoint: requiredArgument('[LAB/]NODE:INTERFACE; [LAB/]NODE for a node with one link; several of them'),
  }
  static override flags = editFlags

  async run(): Promise<unknown> {
    const parsed = await this.parse(LinkRm)
    const { linkPlace, linkRemovals } = await import('../../topology/edit/ask.js')
    const { editLab } = await import('../../lab/edit/edit-lab.js')
    const { lab, names } = await this.within(this.listOf(parsed), parsed.flags)
    return await this.carryOut(parsed.flags, (options) =>
      editLab(
        lab,
        (present) =>
          linkRemovals(
            present,
            names.map((name) => linkPlace(present, name)),
          ),
        options,
      ),
    )
  }
}
