import { LabCommand } from '../cli/command.js'
import { lsDocument } from '../present/document.js'

export default class Ls extends LabCommand {
  static readonly network = 'none'
  static override summary = 'List your labs.'
  static override examples = ['<%= config.bin %> ls', '<%= config.bin %> ls --json']

  async run(): Promise<unknown> {
    await this.parse(Ls)
    const { summarizeLabs } = await import('../lab/observe/summary.js')
    const { UNRETURNED_HINT, unreturnedText } = await import('../lab/record/lab-record.js')
    const { elsewhereText, labsWithDevices } = await import('../lab/record/list-labs.js')
    const { stateDirectoriesText } = await import('../lab/record/state-directory.js')
    const labs = summarizeLabs()
    for (const { name, status } of labs) {
      if (status !== 'damaged' && status !== 'orphaned') continue
      const what =
        status === 'damaged' ? `the state of lab ${name} cannot be read` : `the directory of lab ${name} was removed`
      this.notice(`${what}: \`nslab down ${name}\` takes it down`)
    }
    for (const dead of labsWithDevices()) this.notice(`${unreturnedText(dead)}: ${UNRETURNED_HINT}`)
    for (const text of labs.length === 0 ? elsewhereText() : []) this.notice(text)
    // The code for tables is loaded only to print one.
    this.log(
      labs.length === 0
        ? `no labs in ${stateDirectoriesText()}`
        : (await import('../present/lab.js')).lsText(labs, this.columns),
    )
    return lsDocument(labs)
  }
}
