import { LabCommand } from '../cli/command.js'
import { topologyFlags } from '../cli/flags.js'
import { type CheckedScenario, type CheckedTopology, checkTopologies } from '../cli/input/check.js'
import { requiredArgument } from '../cli/oclif.js'
import { STDIN } from '../lab/source/files.js'
import { count } from '../present/quantity.js'

export default class Validate extends LabCommand {
  static readonly network = 'none'
  static override needs = 'topology or scenario files, or - for standard input'
  static override summary = 'Check topology and scenario files; report every fault with its line and column.'
  static override usage = 'validate FILE... [--set NAME=VALUE...] [--json]'
  static override examples = [
    '<%= config.bin %> validate topologies/two-routers.yaml',
    '<%= config.bin %> validate topologies/*.yaml',
    '<%= config.bin %> validate lab.yaml --set mtu=9000 --json',
  ]
  static override args = {
    file: requiredArgument('topology or scenario files; - reads standard input'),
  }
  static override strict = false
  static override flags = { set: topologyFlags.set }

  async run(): Promise<unknown> {
    const parsed = await this.parse(Validate)
    const { valid: files, failure } = checkTopologies(this.listOf(parsed), parsed.flags)
    for (const checked of files) {
      for (const warning of checked.warnings) this.notice(warning)
      this.log(`${checked.file === '-' ? STDIN : checked.file} is valid: ${contentsOf(checked)}`)
    }
    if (failure) throw failure
    const [only] = files
    if (!only || files.length > 1) return { valid: true, files }
    const { file: _, ...rest } = only
    return { valid: true, ...rest, files }
  }
}

function contentsOf(checked: CheckedTopology | CheckedScenario): string {
  if ('steps' in checked)
    return `a scenario${checked.lab === null ? '' : ` for lab ${checked.lab}`}, ${count(checked.steps, 'step')}`
  return `lab ${checked.lab}, ${count(checked.nodes, 'node')}, ${count(checked.links, 'link')}`
}
