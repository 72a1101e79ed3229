import { AttachedCommand, type AttachedFlags, attachedFlags } from '../cli/attached-command.js'
import { execWords } from '../cli/exec-words.js'
import { nodeArgument } from '../cli/flags.js'
import { LabError } from '../errors.js'
import type { ExecResult } from '../lab/run/exec.js'

export default class Exec extends AttachedCommand {
  static readonly network = 'none'
  static override summary = 'Run a command in a node, in all of its namespaces.'
  static override description =
    'COMMAND is found by PATH and given its arguments as they are written. ' +
    "Returns the command's own exit status, 128 + N when signal N killed it, 125 when nslab failed, 126 when the " +
    'command cannot be started, 127 when it is not found. ' +
    'With --json, its output is kept until it has ended, also by a signal to nslab: {"exitCode": 0, "stdout": "…", "stderr": "…"}.'
  static override examples = [
    '<%= config.bin %> exec h1 -- ip address',
    '<%= config.bin %> exec two-routers/r1 -- sysctl net.ipv4.ip_forward',
    '<%= config.bin %> exec h1 --env DEBUG=1 --env http_proxy -- curl 10.0.0.1',
    'echo hello | <%= config.bin %> exec h1 -- cat',
  ]
  static override args = { node: nodeArgument }
  static override flags = attachedFlags
  static override usage = 'exec NODE -- COMMAND…'

  async run(): Promise<unknown> {
    const { own, command } = execWords(this.argv)
    this.argv = own
    if (own.length === 0 || !command[0])
      throw new LabError('USAGE', 'exec needs a command', { hint: 'exec NODE -- COMMAND…' })
    const { args, flags } = await this.parse(Exec)
    return this.jsonEnabled() ? this.capture(args.node, command, flags) : this.attach(args.node, command, flags)
  }

  /** Runs the command to its end, with this process's standard input, and returns its output. */
  private async capture(node: string, command: readonly string[], flags: AttachedFlags): Promise<ExecResult> {
    const { namedVariables, passedEnvironment } = await import('../lab/run/environment.js')
    const { execCaptured } = await import('../lab/run/exec.js')
    const { isLossy } = await import('../lab/run/words.js')
    const selected = await this.select(node, flags)
    const env = namedVariables(flags.env ?? [])
    if ([...command, ...Object.values(env)].some(isLossy))
      throw new LabError('USAGE', 'with --json, a command and its variables must be valid UTF-8')
    const result = await execCaptured(selected.node, command, {
      passed: passedEnvironment(selected.lab),
      env,
      stdin: 'inherit',
      onWarning: (warning) => this.notice(warning),
    })
    process.exitCode = result.exitCode
    return result
  }
}
