// Pausing nodes: by the freezer of their cgroup where there is one, else by SIGSTOP to every process. The kernel goes on
// without them: it forwards, and answers pings.
import { closeSync } from 'node:fs'
import { constants } from 'node:os'
import { KernelError, LabError } from '../../errors.js'
import { freeze, hasFreezer, isFrozen } from '../../kernel/freezer.js'
import { pidfdOpen, pidfdSendSignal } from '../../kernel/libc.js'
import { readProcessStatus } from '../../kernel/proc/list-processes.js'
import { named, type RunningLab, type SelectedNode } from '../record/select.js'
import type { NodeState } from '../record/state.js'
import { processesOfNode } from '../who/node-processes.js'
import { isRunning, type ProcessIdentity, requireAlive } from '../who/process-identity.js'

/** A process that makes others without end could outrun us for ever. */
const ROUNDS_MAX = 100

/** Whether a node is paused, as the kernel has it now. */
export function isPaused({ pid, cgroup }: Pick<NodeState, 'pid' | 'cgroup'>): boolean {
  return (cgroup !== null && isFrozen(cgroup)) || readProcessStatus(pid)?.state === 'T'
}

/** How many of a lab's nodes are paused, and whether none of those that live is not. */
export function pausedOf(nodes: readonly NodeState[]): { count: number; all: boolean } {
  const paused = new Set(nodes.filter(isPaused))
  const count = [...paused].filter(isRunning).length
  return { count, all: count > 0 && !nodes.some((node) => !paused.has(node) && isRunning(node)) }
}

/** The nodes of a lab that are not dead. @throws LabError NODE_NOT_FOUND when all are. */
export function livingNodes(lab: RunningLab): SelectedNode[] {
  const living = lab.state.nodes.filter(isRunning)
  if (living.length > 0) return living.map((node) => ({ lab, node: named(lab, node) }))
  throw new LabError('NODE_NOT_FOUND', `all nodes of lab ${lab.name} are dead`)
}

/**
 * Stops every process of these nodes; one that is paused stays so. Nodes that share their PID namespace and have no
 * freezer are paused together, since their processes cannot be told apart.
 *
 * @throws LabError NODE_NOT_FOUND for a dead node, before any is stopped; KernelError when a process cannot be stopped.
 */
export function pauseNodes(nodes: readonly SelectedNode[]): void {
  for (const { node } of nodes) requireAlive(node)
  nodes.forEach(pauseNode)
}

/** Lets them run again; one that is not paused goes on. What was stopped by others, such as by Ctrl-Z, may go on too. */
export function resumeNodes(nodes: readonly SelectedNode[]): void {
  for (const { node } of nodes) requireAlive(node)
  nodes.forEach(resumeNode)
}

/**
 * Of a node that is to run a command now.
 *
 * @param node `path` is its whole name, where it is known
 * @throws LabError NODE_NOT_FOUND for a dead one, NODE_PAUSED.
 */
export function requireRunning(node: ProcessIdentity & Pick<NodeState, 'cgroup' | 'name'> & { path?: string }): void {
  requireAlive(node)
  if (!isPaused(node)) return
  throw new LabError('NODE_PAUSED', `${node.name} is paused`, {
    hint: `\`nslab resume ${node.path ?? node.name}\` lets it go on`,
  })
}

function pauseNode({ lab, node }: SelectedNode): void {
  if (node.cgroup !== null && hasFreezer(node.cgroup)) {
    freeze(node.cgroup, true)
    return
  }
  const stopped = new Set<string>()
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const fresh = processesOfNode(node, lab.owner).filter((each) => !stopped.has(keyOf(each)))
    if (fresh.length === 0) return
    for (const each of fresh) {
      signal(each, constants.signals.SIGSTOP)
      stopped.add(keyOf(each))
    }
  }
  throw new LabError('KERNEL_REFUSED', `${node.name} makes processes faster than they can be stopped`)
}

function resumeNode({ lab, node }: SelectedNode): void {
  if (node.cgroup !== null && hasFreezer(node.cgroup)) freeze(node.cgroup, false)
  // Its first process last, so that the node is paused until all of it runs.
  const processes = processesOfNode(node, lab.owner).toReversed()
  if (readProcessStatus(node.pid)?.state === 'T') for (const each of processes) signal(each, constants.signals.SIGCONT)
}

const keyOf = ({ pid, startTime }: ProcessIdentity): string => `${pid}:${startTime}`

/** To this very process, or to nobody. */
function signal(identity: ProcessIdentity, number: number): void {
  try {
    const fd = pidfdOpen(identity.pid)
    try {
      if (isRunning(identity)) pidfdSendSignal(fd, number)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if (!(error instanceof KernelError && error.errno === constants.errno.ESRCH)) throw error
  }
}
