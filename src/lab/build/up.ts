// Builds a lab: claims its name, starts the keeper, makes the nodes, wires them, writes the state, commits. When a step fails,
// the code that takes down a finished lab takes down this one.

import { closeSync } from 'node:fs'
import { LabError } from '../../errors.js'
import { readMounts, sysOfNodes } from '../../kernel/proc/mount-table.js'
import { requireProc } from '../../kernel/proc/require-proc.js'
import { startThreadPool } from '../../kernel/thread-pool.js'
import { needsOf } from '../../machine/needs.js'
import type { EmulatedLink } from '../../model/impairment.js'
import type { ResolvedTopology } from '../../model/resolved.js'
import type { LabSource } from '../../model/source/lab-source.js'
import { buildPlan } from '../../plan/build.js'
import { emulatedLinks, WIRE_NODE } from '../../plan/emulation/links.js'
import type { CommandRun } from '../../plan/op.js'
import type { Plan } from '../../plan/plan.js'
import { neighbourWarnings } from '../../topology/addresses/neighbours.js'
import { BorrowedDevices } from '../devices/borrowed-devices.js'
import { erase } from '../end/erase.js'
import { execute } from '../execute/executor.js'
import { firstRecord, writeApplied } from '../record/applied/applied.js'
import { labCgroupPath, makeLabCgroup } from '../record/cgroup.js'
import { claimLab } from '../record/claim-lab.js'
import { foreignNetnsNames } from '../record/netns-names.js'
import { type LabState, type NodeState, type WireState, writeState } from '../record/state.js'
import type { TakenDevice } from '../record/taken-device.js'
import { lineOf, runCommands } from '../run/commands.js'
import { callerOf } from '../who/caller.js'
import { kindsFor } from '../who/kernel-kinds.js'
import { neighbourTables } from '../who/neighbour-tables.js'
import { outerNamespaceRefusal } from '../who/outer-namespace.js'
import { requireRoom } from '../who/require-room.js'
import { startWire, tellWire } from '../wire/wire.js'
import { wireWords } from '../wire/words.js'
import { commitKeeper, type FreshKeeper, hasEnded, startKeeper } from './keeper.js'
import type { HeldNode } from './lab-state.js'
import { describeState } from './lab-state.js'
import { NodeSockets } from './node-sockets.js'
import { createNodes, describeNodes, type FreshNode, type HeldNetns, type NodesSpec } from './nodes.js'
import { explainRefusal } from './refusal-hints.js'

/** Progress of `up`: `done` of `total` nodes or commands of a stage are complete. */
export interface Progress {
  stage: 'nodes' | 'configuration' | 'commands'
  done: number
  total: number
  /** The command that runs; only at stage `commands`. */
  running?: { node: string; line: string }
}

export interface UpOptions {
  /** The lab outlives this process. Otherwise it ends when this process ends, however that happens. */
  persist?: boolean
  /**
   * The topology is a stranger's: commands that `exec` runs in the nodes get no environment variables of the caller but TERM and
   * LANG, unless the call names them. A text with devices, namespaces or ids of the machine is refused; a resolved topology is not
   * checked.
   */
  untrusted?: boolean
  /** What the topology was read from; a running lab is edited from there on. */
  source?: LabSource | undefined
  /** Rolls everything back when aborted. */
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
  /** Called with one sentence for the user. */
  onWarning?: (warning: string) => void
  /** Called with one sentence about something that was decided for the user. */
  onNote?: (note: string) => void
}

/** A complete lab. The owner of an uncommitted one closes `creatorFd`, which ends the lab. */
export interface BuiltLab {
  state: LabState
  directory: string
  /** Keeps an uncommitted lab alive; null for one that persists. */
  creatorFd: number | null
}

/**
 * Builds a lab. On any failure, and when aborted, nothing of it is left.
 *
 * @throws LabError LAB_EXISTS, PRIVILEGE_MISSING, LIMIT_TOO_LOW, KERNEL_REFUSED, INTERRUPTED when somebody takes it down meanwhile, and
 * what `claimLab` throws; the signal's reason when aborted.
 */
export async function buildLab(topology: ResolvedTopology, options: UpOptions = {}): Promise<BuiltLab> {
  requireRoot()
  const shortfalls = requireRoom(topology.name, needsOf(topology))
  for (const warning of [...warningsFor(topology), ...shortfalls]) options.onWarning?.(warning)
  for (const note of topology.notes ?? []) options.onNote?.(note)
  const { directory, lockFd, turn: own } = await claimLab(topology.name, options.signal)
  using _ = own
  let keeper: FreshKeeper | undefined
  const devices = new BorrowedDevices()
  try {
    const starting = firstProcess(topology.name, lockFd, options.signal)
    // The plan and the spec are computed while the keeper starts.
    const [started, prepared] = await Promise.allSettled([starting, prepare(topology, directory, devices)])
    if (started.status === 'rejected') throw started.reason
    keeper = started.value
    if (prepared.status === 'rejected') throw prepared.reason
    const state = await build(topology, { directory, keeper, devices, ...prepared.value }, options)
    options.signal?.throwIfAborted()
    devices.leaveInLab()
    if (!options.persist) return { state, directory, creatorFd: keeper.creatorFd }
    commitKeeper(keeper)
    closeSync(keeper.creatorFd)
    return { state, directory, creatorFd: null }
  } catch (error) {
    // When the keeper was killed, the failure is only a consequence.
    const isKilled = keeper !== undefined && !options.signal?.aborted && hasEnded(keeper)
    const { unreturned } = await devices.giveBack()
    if (keeper) closeSync(keeper.creatorFd)
    erase({ name: topology.name, directory, keeper: keeper ?? null, owner: process.geteuid?.() ?? 0, unreturned })
    throw isKilled ? killed(topology.name, error) : explainRefusal(error)
  }
}

/** Starts the keeper, and closes the lock's descriptor. */
async function firstProcess(lab: string, lockFd: number, signal: AbortSignal | undefined): Promise<FreshKeeper> {
  try {
    startThreadPool()
    return await startKeeper(lab, lockFd, signal)
  } finally {
    closeSync(lockFd)
  }
}

const killed = (lab: string, cause: unknown): LabError =>
  new LabError('INTERRUPTED', `lab ${lab} was taken down while it was built; nothing of it is left`, {
    cause,
    hint: 'somebody ran `nslab down`, or killed its keeper, as the kernel does when memory runs out',
  })

/** Everything about a lab that can be computed before its nodes run. */
interface Prepared {
  plan: Plan
  /** What emulates each link, by number; null for a plain one. */
  emulations: (EmulatedLink | null)[]
  spec: NodesSpec
  taken: TakenDevice[]
}

async function prepare(topology: ResolvedTopology, directory: string, devices: BorrowedDevices): Promise<Prepared> {
  const kinds = await kindsFor(topology)
  const plan = buildPlan(topology, kinds)
  const spec = describeNodes(
    plan.nodes.flatMap(({ add }) => add ?? []),
    { name: topology.name, directory, hosts: topology.hosts },
  )
  return { plan, emulations: emulatedLinks(topology.links, kinds), spec, taken: await devices.describe(plan) }
}

/** A lab that is being built. */
interface Site extends Prepared {
  directory: string
  keeper: FreshKeeper
  devices: BorrowedDevices
}

async function build(topology: ResolvedTopology, site: Site, options: UpOptions): Promise<LabState> {
  const { directory, keeper, plan, taken } = site
  const lab = topology.name
  const state: LabState = {
    version: 1,
    lab,
    status: 'building',
    rootless: callerOf().rootless,
    keeper: { pid: keeper.pid, startTime: keeper.startTime },
    cgroup: labCgroupPath(lab, keeper.pid),
    nodes: [],
    links: [],
    linkIndexes: [],
    ...(taken.length === 0 ? {} : { devices: taken }),
    ...(options.untrusted ? { untrusted: true as const } : {}),
  }
  // The state names the cgroup before it is made, so that a later command removes it whatever happens.
  writeState(directory, state)
  if (state.cgroup !== null && !makeLabCgroup(state.cgroup)) state.cgroup = null

  const { nodes, wire } = await buildNodes(topology, site, state.cgroup, options)
  const standing: LabState = {
    ...{ ...state, ...describeState(topology, nodes, state.cgroup), status: 'running' },
    ...(site.emulations.every((each) => each === null) ? {} : { emulations: site.emulations }),
    ...(wire === null ? {} : { wire }),
  }
  if (plan.commands.length > 0) {
    // The commands may run for long; meanwhile `ls` shows the nodes.
    writeState(directory, { ...standing, status: 'building' })
    await startCommands(plan, standing, options)
  }
  writeState(directory, standing)
  for (const taken of standing.rootless ? [] : foreignNetnsNames(standing))
    options.onWarning?.(
      `/run/netns/${taken} is there already and was left alone: \`ip netns exec ${taken}\` enters something else`,
    )
  return standing
}

async function startCommands(plan: Plan, state: LabState, options: UpOptions): Promise<void> {
  const { nodes } = state
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const total = plan.commands.length
  await runCommands(plan.commands, (name) => byName.get(name) as NodeState, {
    signal: options.signal,
    onDone: (done) => {
      const { node, command } = plan.commands[done] as CommandRun
      options.onProgress?.({ stage: 'commands', done, total, running: { node, line: lineOf(command) } })
    },
  })
}

/** Makes the nodes, and then their network. */
async function buildNodes(
  topology: ResolvedTopology,
  { directory, plan, spec, keeper, devices }: Site,
  cgroup: string | null,
  { signal, source, onProgress, onWarning }: UpOptions,
): Promise<{ nodes: HeldNode[]; wire: WireState | null }> {
  const total = plan.nodes.filter(({ add }) => add !== null).length
  const nodes: FreshNode[] = []
  await using sockets = new NodeSockets((node, netnsFd) => devices.hold(node, netnsFd))
  onProgress?.({ stage: 'nodes', done: 0, total })
  const wire = plan.wire && { netnsFd: await startWire(keeper, spec.rootId, signal) }
  if (wire) sockets.addHeld(WIRE_NODE, keeper.pid, wire.netnsFd, undefined)
  const making = createNodes({
    ...{ spec, keeper, cgroup, signal },
    onNode: (node) => {
      nodes.push(node)
      onProgress?.({ stage: 'nodes', done: nodes.length, total })
      sockets.add(node)
    },
    onWarning: (warning) => onWarning?.(warning),
  })
  // While the shim is at work, this thread has nothing to do.
  const [made, written] = await Promise.allSettled([making, writeRecord(directory, topology, keeper, source)])
  if (made.status === 'rejected') throw made.reason
  if (written.status === 'rejected') throw written.reason
  const held = made.value
  await execute(plan, sockets, {
    signal,
    onNodeDone: (done) => onProgress?.({ stage: 'configuration', done: Math.min(done, total), total }),
  })
  // Once all ends run, since the wire takes an end down while the other one has no carrier.
  if (plan.wire) await tellWire(keeper, plan.wire.links.flatMap(wireWords), signal)
  return { nodes: nodes.map((node) => ({ ...node, ...heldOf(held, node.name) })), wire }
}

async function writeRecord(
  directory: string,
  topology: ResolvedTopology,
  keeper: FreshKeeper,
  source: LabSource | undefined,
): Promise<void> {
  writeApplied(directory, firstRecord(topology, keeper, source))
}

function heldOf(held: ReadonlyMap<string, HeldNetns>, node: string): HeldNetns {
  const netns = held.get(node)
  if (!netns) throw new LabError('INTERNAL', `nslab-shim spawn did not report the network of node ${node}`)
  return netns
}

function warningsFor(topology: ResolvedTopology): string[] {
  return [...topology.warnings, ...neighbourWarnings(topology, neighbourTables()), ...sysWarning()]
}

/** Said once for the lab, since a node has its /sys only from its first command on. */
function sysWarning(): string[] {
  switch (sysOfNodes(readMounts())) {
    case 'own':
      return []
    case 'read-only':
      return ['/sys is read-only here, as in a container, and so is that of nodes']
    case 'the machine’s':
      return [
        'parts of /sys are masked here, as in a container, so nodes see the machine’s: /sys/class/net shows its interfaces',
      ]
  }
}

function requireRoot(): void {
  requireProc()
  const reason = callerOf().rootless ? null : outerNamespaceRefusal()
  if (process.geteuid?.() === 0 && reason === null) return
  if (reason === null) throw new LabError('PRIVILEGE_MISSING', 'building a lab needs root of a user namespace')
  throw new LabError('PRIVILEGE_MISSING', `this user may not make a user namespace: ${reason}`, {
    hint: 'allow it (sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0, user.max_*_namespaces above 0), or run it with sudo',
  })
}
