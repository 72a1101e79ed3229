// Pauses nodes: with the freezer of the node's cgroup if it has one, else with SIGSTOP to every process. The kernel goes on
// forwarding packets and answering pings in a paused node.
import { closeSync, lutimesSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { KernelError, LabError } from '../../errors.js'
import { ABSENT, attemptIf, FORBIDDEN } from '../../kernel/attempt.js'
import { freeze, hasFreezer, isFrozen } from '../../kernel/freezer.js'
import { pidfdOpen, pidfdSendSignal } from '../../kernel/libc.js'
import { readState } from '../record/read-state.js'
import { type NamedNode, type RunningLab, type SelectedNode, withPath } from '../record/select.js'
import type { NodeState } from '../record/state.js'
import { type Turn, type TurnOptions, takeTurn } from '../turn/turn.js'
import { processesOfNodes } from '../who/node-processes.js'
import { isRunning, type ProcessIdentity, readStat, requireAlive } from '../who/process-identity.js'
import { isEnded, tellWire } from '../wire/wire.js'

/** A process that forks without end could otherwise keep `pause` busy for ever. */
const ROUNDS_MAX = 100

/** Whether a node is paused now: its cgroup is frozen, or its first process is stopped. */
export function isPaused({ pid, cgroup }: Pick<NodeState, 'pid' | 'cgroup'>): boolean {
  return (cgroup !== null && isFrozen(cgroup)) || isStopped({ pid })
}

const isStopped = ({ pid }: Pick<NodeState, 'pid'>): boolean => readStat(pid)?.state === 'T'

/** How many of a lab's living nodes are paused, and whether all of them are; `all` is false when none lives. */
export function countPaused(nodes: readonly NodeState[]): { count: number; all: boolean } {
  const paused = new Set(nodes.filter(isPaused))
  const count = [...paused].filter(isRunning).length
  return { count, all: count > 0 && !nodes.some((node) => !paused.has(node) && isRunning(node)) }
}

/** The nodes of a lab that are not dead. @throws LabError NODE_NOT_FOUND when all are dead. */
export function livingNodes(lab: RunningLab): SelectedNode[] {
  const living = lab.state.nodes.filter(isRunning)
  if (living.length > 0) return living.map((node) => ({ lab, node: withPath(lab, node) }))
  throw new LabError('NODE_NOT_FOUND', `all nodes of lab ${lab.name} are dead`)
}

/**
 * Stops every process of the nodes; a paused node stays paused. Nodes that share a PID namespace and have no freezer are paused
 * together, since their processes cannot be told apart.
 *
 * @throws LabError NODE_NOT_FOUND for a dead node, KernelError when a wire cannot be reached, both before any node is paused;
 *   KernelError when a process cannot be stopped; as `takeTurn`.
 */
export async function pauseNodes(nodes: readonly SelectedNode[], turn: TurnOptions = {}): Promise<void> {
  await inTurn(nodes, turn, pauseAll)
}

/** Carries out `change` while no other command changes the labs. Those of other users have their own turns. */
async function inTurn(
  chosen: readonly SelectedNode[],
  options: TurnOptions,
  change: (nodes: readonly SelectedNode[]) => Promise<void>,
): Promise<void> {
  // Always in the same order, so that no two commands wait for each other.
  const labs = [...new Map(chosen.map(({ lab }) => [lab.directory, lab])).values()].sort(byDirectory)
  const turns: Turn[] = []
  try {
    for (const lab of labs) if (lab.owner === process.geteuid?.()) turns.push(await takeTurn(lab, options))
    const now = new Map(labs.map((lab) => [lab.directory, asNow(lab)]))
    await change(chosen.map((each) => nodeNow(now.get(each.lab.directory) ?? each.lab, each)))
  } finally {
    for (const turn of turns) turn[Symbol.dispose]()
  }
}

const byDirectory = (a: RunningLab, b: RunningLab): number => (a.directory < b.directory ? -1 : 1)

/** A lab as it is after another command has changed it, which may have restarted nodes. */
function asNow(lab: RunningLab): RunningLab {
  const { state } = lab.owner === process.geteuid?.() ? readState(lab.directory) : lab
  return state?.keeper.pid === lab.state.keeper.pid ? { ...lab, state } : lab
}

function nodeNow(lab: RunningLab, { node }: SelectedNode): SelectedNode {
  const now = lab.state.nodes.find(({ name }) => name === node.name)
  return { lab, node: now ? withPath(lab, now) : node }
}

async function pauseAll(nodes: readonly SelectedNode[]): Promise<void> {
  for (const { node } of nodes) requireAlive(node)
  // Frames stay where they are meanwhile. First, since a wire may not answer, and then no node is paused.
  const wires = await tellWires(wholeLabs(nodes), 'pause')
  if (wires.failures.length > 0) await tellWires(wires.told, 'resume')
  if (wires.failures.length > 0) throw wires.failures[0]
  try {
    stopAll(nodes)
  } catch (error) {
    await tellWires(wires.told, 'resume')
    throw error
  } finally {
    tellWatchers(nodes)
  }
}

/**
 * Tells the wires of labs to stop their clocks or to go on. A wire that has failed has no frames; that of another user's lab, whose
 * answers are not trusted, goes on.
 */
async function tellWires(
  labs: Iterable<RunningLab>,
  word: 'pause' | 'resume',
): Promise<{ told: RunningLab[]; failures: unknown[] }> {
  const told: RunningLab[] = []
  const failures: unknown[] = []
  for (const lab of labs) {
    try {
      if (lab.state.wire && lab.owner === process.geteuid?.()) await tellWire(lab.state.keeper, [word])
      told.push(lab)
    } catch (error) {
      if (!isEnded(error)) failures.push(error)
    }
  }
  return { told, failures }
}

function stopAll(nodes: readonly SelectedNode[]): void {
  const cgroups = freezersOf(nodes)
  freeze([...cgroups.values()], true)
  const others = nodes.filter((each) => !cgroups.has(each))
  for (const lab of new Set(others.map((each) => each.lab))) stopNodes(nodesOf(lab, others), lab.owner)
}

/**
 * Continues the nodes; a node that is not paused is left alone. Without a freezer, processes that were stopped for another
 * reason, such as Ctrl-Z, continue too.
 *
 * @throws LabError NODE_NOT_FOUND for a dead node, before any node is continued; KernelError when one cannot be continued, or when
 *   a wire cannot be reached, once the nodes go on
 */
export async function resumeNodes(nodes: readonly SelectedNode[], turn: TurnOptions = {}): Promise<void> {
  await inTurn(nodes, turn, resumeAll)
}

async function resumeAll(nodes: readonly SelectedNode[]): Promise<void> {
  for (const { node } of nodes) requireAlive(node)
  // Any node that goes on needs its links, and goes on without them where the wire does not answer.
  const { failures } = await tellWires(new Set(nodes.map(({ lab }) => lab)), 'resume')
  // Also where the caller may not use the freezer: the node must not be taken for one that goes on.
  freeze(
    nodes.flatMap(({ node: { cgroup } }) => (cgroup !== null && isFrozen(cgroup) ? [cgroup] : [])),
    false,
  )
  const stopped = nodes.filter(({ node }) => isStopped(node))
  for (const lab of new Set(stopped.map((each) => each.lab))) continueNodes(nodesOf(lab, stopped), lab.owner)
  tellWatchers(nodes)
  if (failures.length > 0) throw failures[0]
}

/** The kernel tells nobody that a process is stopped, so whoever watches the lab looks when the times of its lock change. */
function tellWatchers(nodes: readonly SelectedNode[]): void {
  const now = new Date()
  for (const { directory } of new Set(nodes.map(({ lab }) => lab))) {
    const path = join(directory, 'lock')
    // The lab may be down by now.
    attemptIf([...ABSENT, ...FORBIDDEN], 'change the times of', path, () => lutimesSync(path, now, now))
  }
}

/**
 * Checks that a node can run a command now.
 *
 * @param node `path` is the full name that the hint shows, if it is known
 * @throws LabError NODE_NOT_FOUND for a dead node, NODE_PAUSED for a paused one.
 */
export function requireRunning(node: ProcessIdentity & Pick<NodeState, 'cgroup' | 'name'> & { path?: string }): void {
  requireAlive(node)
  if (!isPaused(node)) return
  throw new LabError('NODE_PAUSED', `${node.name} is paused`, {
    hint: `\`nslab resume ${node.path ?? node.name}\` lets it go on`,
  })
}

/** The cgroups of the nodes whose cgroups have a freezer, by node. */
const freezersOf = (nodes: readonly SelectedNode[]): Map<SelectedNode, string> =>
  new Map(
    nodes.flatMap((each): [SelectedNode, string][] => {
      const { cgroup } = each.node
      return cgroup !== null && hasFreezer(cgroup) ? [[each, cgroup]] : []
    }),
  )

/** Labs of which all living nodes are meant: their wires stop with them. */
function wholeLabs(nodes: readonly SelectedNode[]): RunningLab[] {
  const chosen = new Set(nodes.map(({ node }) => node.pid))
  return [...new Set(nodes.map(({ lab }) => lab))].filter(({ state }) =>
    state.nodes.every((node) => chosen.has(node.pid) || !isRunning(node)),
  )
}

const nodesOf = (lab: RunningLab, nodes: readonly SelectedNode[]): NamedNode[] =>
  nodes.flatMap((each) => (each.lab === lab ? [each.node] : []))

/** Stops all processes of nodes without a freezer. @param owner user id of their lab's owner */
function stopNodes(nodes: readonly NamedNode[], owner: number): void {
  const stopped = new Set<string>()
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const fresh = [...processesOfNodes(nodes, owner).values()].flat().filter((each) => !stopped.has(keyOf(each)))
    if (fresh.length === 0) return
    for (const each of fresh) {
      signal(each, constants.signals.SIGSTOP)
      stopped.add(keyOf(each))
    }
  }
  const names = nodes.map(({ name }) => name).join(', ')
  throw new LabError('KERNEL_REFUSED', `processes are made faster than they can be stopped, in one of ${names}`)
}

/** The first process of a node comes last: its state tells whether the node is paused, which it is until all processes continue. */
function continueNodes(nodes: readonly NamedNode[], owner: number): void {
  for (const processes of processesOfNodes(nodes, owner).values())
    for (const each of processes) signal(each, constants.signals.SIGCONT)
}

const keyOf = ({ pid, startTime }: ProcessIdentity): string => `${pid}:${startTime}`

/** Signals a process, and no other one that has got its PID meanwhile. Does nothing if it has ended. */
function signal(identity: ProcessIdentity, number: number): void {
  try {
    const fd = pidfdOpen(identity.pid)
    try {
      if (isRunning(identity)) pidfdSendSignal(fd, number)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    const isGone = error instanceof KernelError && error.errno === constants.errno.ESRCH && !isRunning(identity)
    if (!isGone) throw error
  }
}
