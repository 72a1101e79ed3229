// Lists the processes of a lab's nodes, with their PIDs and user ids in the node and on the machine.

import { KernelError } from '../../errors.js'
import { ABSENT, FORBIDDEN } from '../../kernel/attempt.js'
import {
  listNamespaces,
  type NamespaceIdentity,
  type NamespacesOfProcess,
  sameNamespace,
} from '../../kernel/namespaces.js'
import { commandOf, listPids, type ProcessStatus, readProcessStatus } from '../../kernel/proc/list-processes.js'
import { pidNamespacesAbove } from '../../kernel/proc/namespace-table.js'
import { readIfThere } from '../../kernel/small-file.js'
import type { LabProcesses, NodeProcessView } from '../../model/process-view.js'
import { NAMESPACE_KINDS } from '../../namespace-kinds.js'
import type { RunningLab } from '../record/select.js'
import type { NodeState } from '../record/state.js'
import { isRunning } from '../who/process-identity.js'
import { userNames } from '../who/users.js'

/** The processes of a lab, sorted by node and then by PID in the node. @param only the nodes to show; all by default */
export function labProcesses({ state }: RunningLab, only: readonly NodeState[] = state.nodes): LabProcesses {
  const nodes = state.nodes.filter(isRunning).map((node) => new NodeScope(node))
  const shown = new Set(only.map(({ name }) => name))
  const nameOf = userNames()
  const found = listPids().flatMap((pid) => {
    const status = readProcessStatus(pid)
    const scope = status && scopeOf(status, nodes)
    return status && scope && shown.has(scope.node.name) ? [scope.view(status, nameOf)] : []
  })
  const order = new Map(state.nodes.map(({ name }, index) => [name, index]))
  const rank = ({ node }: NodeProcessView) => order.get(node) ?? 0
  return { lab: state.lab, processes: found.sort((a, b) => rank(a) - rank(b) || a.pid - b.pid) }
}

/** The namespaces and ids of a node, to find its processes and translate their numbers. */
class NodeScope {
  private readonly namespaces: NamespacesOfProcess
  /** Number of PID namespaces from the one of /proc to the node's: a process of the node has at least as many PIDs. */
  readonly depth: number
  private readonly ids: { inside: number; outside: number; count: number }[]

  constructor(readonly node: NodeState) {
    this.namespaces = listNamespaces(node.pid)
    this.depth = readProcessStatus(node.pid)?.nsPids.length ?? 0
    this.ids = linesOf(`/proc/${node.pid}/uid_map`).map(([inside = 0, outside = 0, count = 0]) => ({
      inside,
      outside,
      count,
    }))
  }

  hasPidNamespace(namespace: NamespaceIdentity | null): boolean {
    return sameNamespace(this.namespaces.pid, namespace)
  }

  /** Number of namespaces that a process shares with the node, to tell nodes apart that share their PID namespace. */
  countShared(namespaces: NamespacesOfProcess): number {
    return NAMESPACE_KINDS.filter((kind) => sameNamespace(this.namespaces[kind], namespaces[kind])).length
  }

  view(status: ProcessStatus, nameOf: (uid: number) => string): NodeProcessView {
    const range = this.ids.find(({ outside, count }) => status.uid >= outside && status.uid < outside + count)
    const uid = range ? status.uid - range.outside + range.inside : null
    return {
      node: this.node.name,
      pid: status.nsPids[this.depth - 1] ?? status.pid,
      hostPid: status.pid,
      user: uid === null ? null : nameOf(uid),
      uid,
      hostUid: status.uid,
      state: status.state,
      command: commandOf(status),
    }
  }
}

/** The node in whose PID namespace, or below it, a process is; null when it is in no node or has ended. */
function scopeOf(status: ProcessStatus, scopes: readonly NodeScope[]): NodeScope | null {
  const deepEnough = scopes.filter(({ depth }) => status.nsPids.length >= depth)
  if (deepEnough.length === 0) return null
  try {
    const namespaces = listNamespaces(status.pid)
    const above = (scope: NodeScope) => status.nsPids.length > scope.depth
    const chain = deepEnough.some(above) ? pidNamespacesAbove(status.pid) : []
    const around = [namespaces.pid, ...chain]
    const candidates = deepEnough.filter((scope) => around.some((each) => scope.hasPidNamespace(each)))
    const shared = candidates.map((scope) => scope.countShared(namespaces))
    return candidates[shared.indexOf(Math.max(...shared))] ?? null
  } catch (error) {
    // The process has ended meanwhile, or belongs to another user and so to no node of this lab.
    if (error instanceof KernelError && [...ABSENT, ...FORBIDDEN].includes(error.errno)) return null
    throw error
  }
}

const linesOf = (path: string): number[][] =>
  (readIfThere(path) ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.trim().split(/\s+/).map(Number))
