import { LabCommand } from '../cli/command.js'

export default class Gc extends LabCommand {
  static readonly network = 'none'
  static override summary = 'Remove the directories and names that dead labs left.'
  static override examples = ['<%= config.bin %> gc', '<%= config.bin %> gc --json']

  async run(): Promise<unknown> {
    await this.parse(Gc)
    const { collectGarbage } = await import('../lab/end/gc.js')
    const removed = await collectGarbage((warning) => this.notice(warning))
    this.log(removed.length === 0 ? 'nothing to remove' : removed.map((name) => `removed what ${name} left`).join('\n'))
    return { removed }
  }
}
