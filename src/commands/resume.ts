import { PausingCommand, pausingArgs, pausingFlags } from '../cli/pausing-command.js'

export default class Resume extends PausingCommand {
  static readonly network = 'none'
  static override summary = 'Continue the processes of paused nodes.'
  static override examples = [
    '<%= config.bin %> resume',
    '<%= config.bin %> resume h1 r2',
    '<%= config.bin %> resume --lab two-routers',
  ]
  static override strict = false
  static override args = pausingArgs
  static override flags = pausingFlags

  async run(): Promise<unknown> {
    const { resumeNodes } = await import('../lab/run/pause.js')
    return await this.change(Resume, 'running', resumeNodes)
  }
}
