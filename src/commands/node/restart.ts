import { EditCommand, editFlags } from '../../cli/change/edit-command.js'
import { requiredArgument } from '../../cli/oclif.js'

export default class NodeRestart extends EditCommand {
  static readonly network = 'path'
  static readonly pathArgument = 'node'
  static override needs = 'a node'
  static override summary = 'Restart nodes: all processes end, and the commands of the file run again.'
  static override description =
    'A node gets a fresh PID, mount, IPC, UTS and cgroup namespace. Its network and its user namespace stay, with links, addresses and routes, so that other nodes see no link go down. A dead node runs again.'
  static override examples = ['<%= config.bin %> node restart r1', '<%= config.bin %> node restart two-routers/h1 h2']
  static override strict = false
  static override args = { node: requiredArgument('[LAB/]NODE; several of them') }
  static override flags = editFlags

  async run(): Promise<unknown> {
    const parsed = await this.parse(NodeRestart)
    const { restartNodes } = await import('../../lab/edit/edit-lab.js')
    const { findNode } = await import('../../lab/record/select.js')
    const { lab, names } = await this.within(this.listOf(parsed), parsed.flags)
    for (const name of names) findNode(lab, name)
    return await this.carryOut(parsed.flags, (options) => restartNodes(lab, names, options), names)
  }
}
