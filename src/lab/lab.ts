// The object that users of the library work with: a running lab.

import { LabError } from '../errors.js'
import type { LabChange } from '../model/change/lab-change.js'
import type { LabSummary, LabView } from '../model/lab-view.js'
import type { LinkChecks } from '../model/link-check.js'
import type { CheckReport } from '../model/reach/check.js'
import type { PingMesh } from '../model/reach/ping.js'
import type { ResolvedTopology } from '../model/resolved.js'
import type { ScenarioEnded } from '../model/scenario-event.js'
import type { NeighbourTables } from '../model/source/neighbour-tables.js'
import { checkTopology } from '../topology/check.js'
import { parseScenario } from '../topology/scenario/parse.js'
import type { Scenario } from '../topology/scenario/scenario.js'
import type { Topology } from '../topology/source/topology.js'
import { refusePartsOfMachine } from '../topology/untrusted.js'
import type { UpOptions } from './build/up.js'
import type { NetworkCalls } from './calls/network-calls.js'
import type { ApplyOptions, ApplyResult } from './change/options.js'
import type { CheckOptions } from './check/run-checks.js'
import { endLab } from './end/end-lab.js'
import { LabNode, requireUp } from './lab-node.js'
import { stateNow } from './links/live-state.js'
import { NETWORK_TABLES, type NetworkTable } from './observe/inspect.js'
import { type MeshOptions, pingMesh } from './observe/ping-mesh.js'
import { MESH_DEFAULTS } from './observe/ping-targets.js'
import { summarizeLabs } from './observe/summary.js'
import { tablesOf } from './record/applied/tables.js'
import { findNode, type RunningLab, selectLab, withPath } from './record/select.js'
import { callsFor } from './remote/calls-for.js'
import { livingNodes, pauseNodes, resumeNodes } from './run/pause.js'
import { runScenario, type ScenarioRunOptions } from './scenario/run-scenario.js'
import { sourceOfText } from './source/capture.js'
import { chosenDirections } from './verify/directions.js'
import { VERIFY_DEFAULTS, type VerifyOptions, verifyLinks } from './verify/verify.js'
import type { LabWatch, WatchOptions } from './watch/lab-watch.js'
import { neighbourTables } from './who/neighbour-tables.js'
import { NodeWorkers } from './worker/node-workers.js'

/**
 * A running lab. A lab made with `Lab.up` ends with this process unless the option `persist` is set. Once the lab is down, all
 * methods but `down` throw LAB_NOT_FOUND, even if another process took it down.
 */
export class Lab implements AsyncDisposable {
  private readonly workers = new NodeWorkers()

  private constructor(
    private readonly record: RunningLab,
    private readonly creator: Disposable | null,
  ) {}

  /**
   * Builds a lab from the text of a topology or from a resolved topology. The caller takes it down with `down()`, or by leaving
   * the scope of an `await using`.
   *
   * @throws LabError USAGE, TOPOLOGY_INVALID, LAB_EXISTS, PRIVILEGE_MISSING, KERNEL_REFUSED; nothing of the lab is left then.
   */
  static async up(topology: string | ResolvedTopology, options: UpOptions = {}): Promise<Lab> {
    const tables = neighbourTables()
    const resolved = resolvedOf(topology, { untrusted: options.untrusted ?? false, tables, caller: 'Lab.up' })
    const building = callsFor(null).build(resolved, { ...sourceIn(topology, tables), ...options })
    const { state, directory, creator } = await building
    const owner = process.geteuid?.() ?? 0
    return new Lab({ name: state.lab, directory, alive: true, owner, state, damage: null }, creator)
  }

  /** The running lab of this name, or the only running one. @throws LabError LAB_NOT_FOUND, LAB_AMBIGUOUS. */
  static attach(name?: string): Lab {
    return new Lab(selectLab(name), null)
  }

  /** All running labs of this user. */
  static list(): LabSummary[] {
    return summarizeLabs()
  }

  private get calls(): NetworkCalls {
    return callsFor(this.record)
  }

  get name(): string {
    return this.record.name
  }

  /** What `console.log` and test runners print of it; without it, some call `inspect` of every object that has one. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Lab { ${this.name} }`
  }

  /** The node of this name. @throws LabError NODE_NOT_FOUND. */
  node(name: string): LabNode {
    requireUp(this.record)
    return new LabNode(this.record, findNode(this.record, name), this.workers)
  }

  get nodes(): LabNode[] {
    return this.record.state.nodes.map((node) => new LabNode(this.record, withPath(this.record, node), this.workers))
  }

  /** Whether it was made with the option `untrusted`. */
  get isUntrusted(): boolean {
    return this.record.state.untrusted === true
  }

  /**
   * Makes the lab equal to the text of a topology or to a resolved topology, by the least that does so: what does not differ keeps
   * its processes, connections and counters. What no topology of the lab has made stays, unless `prune` says otherwise. A failure
   * before the first removal rolls the change back, but for the processes of nodes that restart.
   *
   * @throws LabError USAGE for the topology of another lab, and for restarts without `confirm`; TOPOLOGY_INVALID; PRIVILEGE_MISSING
   * for another user's lab; STATE_REFUSED; CLEANUP_INCOMPLETE when the lab is left degraded, which the next call mends;
   * COMMAND_FAILED; KernelError; the signal's reason when aborted
   */
  async apply(topology: string | ResolvedTopology, options: ApplyOptions = {}): Promise<ApplyResult> {
    requireUp(this.record)
    const tables = tablesOf(this.record)
    const resolved = resolvedOf(topology, { untrusted: this.isUntrusted, tables, caller: 'Lab.apply' })
    const result = await this.calls.apply(this.record, resolved, { ...sourceIn(topology, tables), ...options })
    this.record.state = stateNow(this.record)
    return result
  }

  /** What `apply` would do. Changes nothing. @throws as `apply` */
  async diff(topology: string | ResolvedTopology, options: Pick<ApplyOptions, 'prune'> = {}): Promise<LabChange> {
    requireUp(this.record)
    const resolving = { untrusted: this.isUntrusted, tables: tablesOf(this.record), caller: 'Lab.diff' }
    return this.calls.diff(this.record, resolvedOf(topology, resolving), options)
  }

  /**
   * Observes the lab in the kernel, node after node.
   *
   * @param tables those that are read, all by default; the others are empty, which is faster
   * @throws KernelError
   */
  async inspect(tables: readonly NetworkTable[] = NETWORK_TABLES): Promise<LabView> {
    requireUp(this.record)
    return this.calls.inspect(this.record, tables)
  }

  /** Pings from every host, or those that `from` matches, to every other host, or those of `to`; as `MESH_DEFAULTS` says. */
  async pingAll(options: Partial<MeshOptions> = {}): Promise<PingMesh> {
    requireUp(this.record)
    return pingMesh(this.record, { ...MESH_DEFAULTS, ...options })
  }

  /**
   * Measures whether the link with the end `NODE:INTERFACE`, or every link that impairs frames, does what is configured, as
   * `VERIFY_DEFAULTS` says unless told otherwise. Other traffic on the links disturbs that.
   *
   * @throws LabError NODE_NOT_FOUND; KernelError when an interface is missing or down
   */
  async verifyLinks(endpoint?: string, options: Partial<VerifyOptions> = {}): Promise<LinkChecks> {
    requireUp(this.record)
    const directions = chosenDirections(this.record, endpoint)
    return verifyLinks(this.record, directions, { ...VERIFY_DEFAULTS, ...options })
  }

  /**
   * Runs the checks of the lab's file. Resolves when all are done, whether they have passed or not: `failed` of the result counts those
   * that have not.
   *
   * @throws LabError STATE_REFUSED for a lab that an older nslab made; the signal's reason when aborted
   */
  async check(options: CheckOptions = {}): Promise<CheckReport> {
    requireUp(this.record)
    return this.calls.check(this.record, options)
  }

  /** Stops every process of every living node until `resume`. @throws LabError NODE_NOT_FOUND when all nodes are dead. */
  async pause(): Promise<void> {
    requireUp(this.record)
    await pauseNodes(livingNodes(this.record))
  }

  async resume(): Promise<void> {
    requireUp(this.record)
    await resumeNodes(livingNodes(this.record))
  }

  /**
   * Runs a scenario: the text of one, or what `parseScenario` gives. Its `lab` is not looked at. Resolves when all is done, whether
   * expectations have held or not: `expectations` of the result has both counts.
   *
   * @throws LabError TOPOLOGY_INVALID with every fault of the scenario, before the first step; the error of the first step that
   * cannot be carried out; the signal's reason when aborted. What steps have changed stays, what still runs is ended.
   */
  async run(scenario: string | Scenario, options: ScenarioRunOptions = {}): Promise<ScenarioEnded> {
    requireUp(this.record)
    const parsed = typeof scenario === 'string' ? parseScenario(scenario) : scenario
    return runScenario(this.record, parsed, this.calls, options)
  }

  /**
   * Watches the lab: an async iterable of events. Once this has returned, all changes are told, until the lab is down; leaving the
   * loop, `return()` and the signal end it before that, and close all that it has opened.
   *
   * @throws LabError USAGE for an unknown kind of events and in a worker thread; KernelError
   */
  watch(options: WatchOptions = {}): LabWatch {
    requireUp(this.record)
    return this.calls.watch(this.record, options)
  }

  /** Takes the lab down; a second call does nothing. @throws LabError CLEANUP_INCOMPLETE when something is left. */
  async down(): Promise<void> {
    await this.workers.end()
    await endLab({ ...this.record, keeper: this.record.state.keeper }, () => this.creator?.[Symbol.dispose]())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.down()
  }
}

/** @throws LabError TOPOLOGY_INVALID, USAGE for anything that is no topology */
function resolvedOf(
  topology: string | ResolvedTopology,
  { untrusted, tables, caller }: { untrusted: boolean; tables: NeighbourTables; caller: string },
): ResolvedTopology {
  const adapt = (parsed: Topology) => {
    if (untrusted) refusePartsOfMachine(parsed)
    return parsed
  }
  const resolved =
    typeof topology === 'string' ? checkTopology(topology, {}, { neighbourTables: tables }, adapt) : topology
  if (Array.isArray(resolved?.nodes)) return resolved
  throw new LabError('USAGE', `${caller} takes the text of a topology, or what resolveTopology gives`)
}

/** A text is its own source. */
const sourceIn = (topology: string | ResolvedTopology, tables: NeighbourTables) =>
  typeof topology === 'string' ? { source: sourceOfText(topology, tables) } : {}
