import { interruptible, LabCommand } from '../cli/command.js'
import { topologyFlags } from '../cli/flags.js'
import { findTopology } from '../cli/input/find-topology.js'
import { loadTopology } from '../cli/input/source.js'
import { argument, Flags } from '../cli/oclif.js'
import { presentPlan } from '../cli/plan.js'
import { requireRoom } from '../lab/who/require-room.js'
import { leastNeeds } from '../machine/needs.js'
import { inspectDocument } from '../present/document.js'
import { upText } from '../present/lab.js'
import { printable } from '../present/printable.js'

/** Number of nodes of a lab that takes a second or more to resolve. */
const LARGE = 1000

export default class Up extends LabCommand {
  static readonly network = 'build'
  static readonly dryRunFlag = 'dry-run'
  static readonly fileArgument = 'file'
  static override summary = 'Build a lab from a topology file.'
  static override description =
    'When it returns, every link runs and the first ping passes. If anything fails, nothing is left.'
  static override examples = [
    '<%= config.bin %> up topologies/two-routers.yaml',
    '<%= config.bin %> up',
    '<%= config.bin %> up lab.yaml --name second',
    'cat lab.yaml | <%= config.bin %> up - --name piped --json',
  ]
  static override args = {
    file: argument(
      'topology file; - reads standard input; nslab.yaml, or the only topology in the directory, by default',
    ),
  }
  static override flags = {
    ...topologyFlags,
    untrusted: Flags.boolean({
      description:
        "the file is a stranger's: refuse files outside of its directory, devices, namespaces and ids of the machine, and " +
        'give the nodes no environment variables of yours',
    }),
    'dry-run': Flags.boolean({ description: 'print the plan, and build nothing' }),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Up)
    const began = performance.now()
    const file = args.file ?? this.topologyHere()
    // What a smaller lab needs is known soon enough when it is built.
    const requireNodes = (lab: string, nodes: number) => nodes > LARGE && requireRoom(lab, leastNeeds(nodes))
    const topology = loadTopology(file, flags, flags['dry-run'] ? undefined : requireNodes)
    if (flags['dry-run']) return await presentPlan(this, topology)

    const { Lab } = await import('../lab/lab.js')
    const { ProgressLine } = await import('../cli/progress.js')
    const lab = await interruptible(async (signal) => {
      using line = new ProgressLine()
      const building = Lab.up(topology, {
        persist: true,
        untrusted: flags.untrusted,
        signal,
        onProgress: (progress) => line.update(progress),
        onWarning: (warning) => this.notice(warning),
        onNote: (note) => this.note(note),
      })
      return await building.catch(async (error) => {
        throw await (await import('../cli/change/running-lab.js')).explainRunning(error, topology, file)
      })
    })
    const elapsedMs = performance.now() - began
    if (this.jsonEnabled()) return inspectDocument(await lab.inspect([]), elapsedMs)
    this.log(upText({ name: topology.name, nodes: topology.nodes.length, links: topology.links.length, elapsedMs }))
  }

  /** The topology of the working directory, which is named on standard error. */
  private topologyHere(): string {
    const file = findTopology('.')
    process.stderr.write(`nslab: the topology is ${printable(file)}\n`)
    return file
  }
}
