import { LabCommand } from '../cli/command.js'
import { exitCodeOf } from '../errors.js'

export default class Doctor extends LabCommand {
  static readonly network = 'none'
  static override summary = 'Say what this kernel and this user can do, what is missing, and how to get it.'
  static override description =
    'The checks run in namespaces that are removed afterwards. The exit status is 4 when no lab can be made here.'
  static override examples = ['<%= config.bin %> doctor', '<%= config.bin %> doctor --json']

  async run(): Promise<unknown> {
    await this.parse(Doctor)
    const { examineMachine } = await import('../lab/observe/doctor.js')
    const { doctorText } = await import('../present/doctor.js')
    const diagnosis = await examineMachine()
    this.log(doctorText(diagnosis, this.columns))
    if (!diagnosis.ok) process.exitCode = exitCodeOf('FEATURE_MISSING')
    return diagnosis
  }
}
