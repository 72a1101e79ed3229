import { PausingCommand, pausingArgs, pausingFlags } from '../cli/pausing-command.js'

export default class Pause extends PausingCommand {
  static readonly network = 'none'
  static override summary = 'Stop every process of a lab, or of some of its nodes, until `resume`.'
  static override description =
    'The kernel keeps working: links stay up, routers forward, hosts answer pings. Programs notice the pause by the clock alone.'
  static override examples = [
    '<%= config.bin %> pause',
    '<%= config.bin %> pause h1 r2',
    '<%= config.bin %> pause --lab two-routers',
  ]
  static override strict = false
  static override args = pausingArgs
  static override flags = pausingFlags

  async run(): Promise<unknown> {
    const { pauseNodes } = await import('../lab/run/pause.js')
    return await this.change(Pause, 'paused', pauseNodes)
  }
}
