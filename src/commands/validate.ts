import { LabCommand } from '../cli/command.js'
import { topologyFlags } from '../cli/flags.js'
import { checkTopologies } from '../cli/input/check.js'
import { STDIN } from '../cli/input/read-input.js'
import { requiredArgument } from '../cli/oclif.js'
import { count } from '../present/quantity.js'

export default class Validate extends LabCommand {
  static readonly network = 'none'
  static override needs = 'topology files, or - for standard input'
  static override summary = 'Check topology files; report every fault with its line and column.'
  static override usage = 'validate FILE... [--set NAME=VALUE...] [--json]'
  static override examples = [
    '<%= config.bin %> validate topologies/two-routers.yaml',
    '<%= config.bin %> validate topologies/*.yaml',
    '<%= config.bin %> validate lab.yaml --set mtu=9000 --json',
  ]
  static override args = {
    file: requiredArgument('topology files; - reads standard input'),
  }
  static override strict = false
  static override flags = { set: topologyFlags.set }

  async run(): Promise<unknown> {
    const parsed = await this.parse(Validate)
    const { valid: files, failure } = checkTopologies(this.listOf(parsed), parsed.flags)
    for (const { file, lab, nodes, links, warnings } of files) {
      for (const warning of warnings) this.notice(warning)
      this.log(`${file === '-' ? STDIN : file} is valid: lab ${lab}, ${count(nodes, 'node')}, ${count(links, 'link')}`)
    }
    if (failure) throw failure
    const [only] = files
    if (!only || files.length > 1) return { valid: true, files }
    const { lab, nodes, links, warnings } = only
    return { valid: true, lab, nodes, links, warnings, files }
  }
}
