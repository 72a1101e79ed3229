import { LabCommand } from '../cli/command.js'
import { labArgument } from '../cli/flags.js'
import { inspectDocument } from '../present/document.js'

export default class Inspect extends LabCommand {
  static readonly network = 'lab'
  static readonly labArgument = 'lab'
  static override summary = 'Show a lab as the kernel has it now.'
  static override examples = ['<%= config.bin %> inspect', '<%= config.bin %> inspect two-routers --json']
  static override args = { lab: labArgument }

  async run(): Promise<unknown> {
    const { args } = await this.parse(Inspect)
    const began = performance.now()
    const { Lab } = await import('../lab/lab.js')
    const view = await Lab.attach(args.lab).inspect([])
    if (!this.jsonEnabled()) this.log((await import('../present/lab.js')).inspectText(view, this.columns))
    return inspectDocument(view, performance.now() - began)
  }
}
