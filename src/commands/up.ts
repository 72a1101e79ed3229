import { interruptible } from '../cli/command.js'
import { topologyFlags } from '../cli/flags.js'
import { findTopology } from '../cli/input/find-topology.js'
import { type Loaded, loadSource, type TopologyFlags } from '../cli/input/source.js'
import { type FollowFlags, FollowingCommand } from '../cli/live/following-command.js'
import { argument, Flags } from '../cli/oclif.js'
import { presentPlan } from '../cli/plan.js'
import { LabError } from '../errors.js'
import type { Lab } from '../lab/lab.js'
import { tablesFor } from '../lab/record/applied/tables.js'
import { requireRoom } from '../lab/who/require-room.js'
import { leastNeeds } from '../machine/needs.js'
import type { ResolvedTopology } from '../model/resolved.js'
import { inspectDocument } from '../present/document.js'
import { upText } from '../present/lab.js'
import { printable } from '../present/printable.js'

/** Number of nodes of a lab that takes a second or more to resolve. */
const LARGE = 1000

export default class Up extends FollowingCommand {
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
    '<%= config.bin %> up --watch lab.yaml',
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
    watch: Flags.boolean({
      description:
        'then apply the file whenever it or a file that it includes is saved; a lab that runs already is taken over',
      exclusive: ['dry-run'],
    }),
    yes: Flags.boolean({
      char: 'y',
      description: 'with --watch: restart nodes where that is needed, without a question',
    }),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Up)
    const began = performance.now()
    const file = args.file ?? this.topologyHere()
    if (flags.watch) return await this.watch(file, flags)
    // What a smaller lab needs is known soon enough when it is built.
    const requireNodes = (lab: string, nodes: number) => nodes > LARGE && requireRoom(lab, leastNeeds(nodes))
    const tablesOf = flags['dry-run'] ? {} : { tablesOf: tablesFor }
    const loaded = loadSource(file, { ...flags, ...tablesOf }, flags['dry-run'] ? undefined : requireNodes)
    const { topology } = loaded
    if (flags['dry-run']) return await presentPlan(this, topology)

    const lab = await interruptible((signal) => this.build(loaded, file, flags, signal))
    const elapsedMs = performance.now() - began
    if (this.jsonEnabled()) return inspectDocument(await lab.inspect([]), elapsedMs)
    this.tellUp(topology, elapsedMs)
  }

  private async watch(file: string, flags: FollowFlags): Promise<undefined> {
    if (file === '-') throw new LabError('USAGE', '--watch needs a file; standard input cannot be read again')
    return await this.upAndFollow(file, flags, async (loaded, signal) => {
      const began = performance.now()
      const lab = await this.build(loaded, file, flags, signal)
      const elapsedMs = performance.now() - began
      if (this.jsonEnabled())
        process.stdout.write(`${JSON.stringify(inspectDocument(await lab.inspect([]), elapsedMs))}\n`)
      else this.tellUp(loaded.topology, elapsedMs)
      return lab
    })
  }

  private tellUp({ name, nodes, links }: ResolvedTopology, elapsedMs: number): void {
    this.log(upText({ name, nodes: nodes.length, links: links.length, elapsedMs }))
  }

  private async build(
    { topology, source }: Loaded,
    file: string,
    { untrusted = false }: TopologyFlags,
    signal: AbortSignal,
  ): Promise<Lab> {
    const { Lab } = await import('../lab/lab.js')
    const { ProgressLine } = await import('../cli/progress.js')
    using line = new ProgressLine()
    const building = Lab.up(topology, {
      persist: true,
      source,
      untrusted,
      signal,
      onProgress: (progress) => line.update(progress),
      onWarning: (warning) => this.notice(warning),
      onNote: (note) => this.note(note),
    })
    return await building.catch(async (error) => {
      throw await (await import('../cli/change/running-lab.js')).explainRunning(error, topology, file)
    })
  }

  /** The topology of the working directory, which is named on standard error. */
  private topologyHere(): string {
    const file = findTopology('.')
    process.stderr.write(`nslab: the topology is ${printable(file)}\n`)
    return file
  }
}
