// Makes nodes in a running lab: new ones, and the processes and namespaces of nodes that keep their network.
import { closeSync } from 'node:fs'
import { LabError } from '../../errors.js'
import { freeze, isFrozen } from '../../kernel/freezer.js'
import { openHeldNetns } from '../../kernel/netns.js'
import { NAMESPACE_KINDS, type NamespaceKind } from '../../namespace-kinds.js'
import type { NodeAdd } from '../../plan/op.js'
import type { HeldNode } from '../build/lab-state.js'
import { createNodes, describeNodes, type FreshNode, type HeldNetns } from '../build/nodes.js'
import { nodeCgroup } from '../record/cgroup.js'
import type { RunningLab } from '../record/select.js'
import type { NodeState } from '../record/state.js'
import { isRunning } from '../who/process-identity.js'
import { restartRefusal } from './restart-refusal.js'
import type { KeeperSession } from './session.js'

export interface NodesToMake {
  /** Nodes that the lab does not have. */
  added: readonly NodeAdd[]
  /** Nodes of the lab whose processes have ended; each keeps its network and its user namespace. */
  restarted: readonly NodeAdd[]
  /** How the nodes of the lab that go on running are isolated, as they were made: a new node may share their namespaces. */
  running: readonly Pick<NodeAdd, 'node' | 'isolation'>[]
  /** The text of /etc/hosts. */
  hosts: string
}

export interface MakeOptions {
  /** Called once a node is set up but for its network, in the order of `added`, then `restarted`. */
  onNode?: (node: FreshNode) => void
  /** Called with one sentence for the user. */
  onWarning?: (warning: string) => void
  signal?: AbortSignal | undefined
}

/**
 * Makes all nodes by one call of the shim. They end when the session closes without `commit`.
 *
 * @returns the new first processes; a restarted node has the number that its state has
 * @throws LabError as `restartRefusal` says, and what `describeNodes` throws; KernelError naming the node and the step that failed,
 * also when the keeper does not hold the network that the state of a restarted node names
 */
export async function makeNodes(
  lab: RunningLab,
  session: KeeperSession,
  { added, restarted, running, hosts }: NodesToMake,
  { onNode, onWarning, signal }: MakeOptions = {},
): Promise<HeldNode[]> {
  const { state, directory } = lab
  if (state.cgroup !== null) thaw(state.cgroup, [...added, ...restarted])
  const states = new Map(state.nodes.map((node) => [node.name, node]))
  const kept = new Map(restarted.map((node) => [node.node, keptNetns(lab, node, running)]))
  const spec = describeNodes([...added, ...restarted], { name: state.lab, directory, hosts }, kept)
  const fresh: FreshNode[] = []
  const held = await createNodes({
    spec: { ...spec, words: [...sharedWords(running, states), ...spec.words] },
    keeper: session.keeper,
    cgroup: state.cgroup,
    onNode: (node) => {
      fresh.push(node)
      onNode?.(node)
    },
    onWarning: (warning) => onWarning?.(warning),
    signal,
  })
  return fresh.map((node) => ({ ...node, ...(held.get(node.name) as HeldNetns) }))
}

/**
 * Lets processes run in the cgroups that the nodes start in: a node that was paused before it ended starts as one that runs.
 *
 * @throws LabError STATE_REFUSED for a cgroup that is paused with other nodes; KernelError
 */
function thaw(cgroup: string, nodes: readonly NodeAdd[]): void {
  for (const { node: name, isolation } of nodes) {
    const path = nodeCgroup(cgroup, { name, ...(isolation ? { isolation } : {}) })
    if (path === null || !isFrozen(path)) continue
    if (isolation?.namespaces.cgroup !== 'shared') freeze([path], false)
    else
      throw new LabError(
        'STATE_REFUSED',
        `${name} would start in a cgroup that is paused with the nodes that share it`,
        {
          hint: 'let them run: `nslab resume`',
        },
      )
  }
}

/** The number of the network namespace of a node that is restarted, which the keeper holds. */
function keptNetns({ state: { keeper, nodes } }: RunningLab, node: NodeAdd, running: NodesToMake['running']): number {
  const reason = restartRefusal(node, running)
  if (reason !== null) throw new LabError('USAGE', `${node.node} cannot be restarted by itself: ${reason}`)
  const state = nodes.find(({ name }) => name === node.node)
  if (!state) throw new LabError('NODE_NOT_FOUND', `the lab has no node ${node.node}`)
  closeSync(openHeldNetns(keeper.pid, state.netnsFd, state.netnsInode))
  return state.netnsFd
}

/** Words that name the namespaces which running nodes share, so that new nodes join them. */
function sharedWords(running: NodesToMake['running'], states: ReadonlyMap<string, NodeState>): string[] {
  const processes = new Map<NamespaceKind, NodeState>()
  for (const { node, isolation } of running) {
    const state = states.get(node)
    if (!isolation || !state || !isRunning(state)) continue
    for (const kind of NAMESPACE_KINDS)
      if (isolation.namespaces[kind] === 'shared' && !processes.has(kind)) processes.set(kind, state)
  }
  return [...processes].flatMap(([kind, { pid, startTime }]) => ['shared', kind, String(pid), String(startTime)])
}
