// The processes of a lab's nodes, with the numbers they have in the node and outside.

import { KernelError } from '../../errors.js'
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

/** Processes of a lab, by node and then by PID. @param only the nodes to show; all by default */
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

/** A node in whose PID namespace processes are. */
class NodeScope {
  private readonly namespaces: NamespacesOfProcess
  /** How many numbers a process of the node has from the outermost namespace to the node's. */
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

  /** How many namespaces a process has together with the node: nodes may share that of PIDs. */
  likeness(namespaces: NamespacesOfProcess): number {
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

/** The node that a process is in: in its PID namespace, or in one below that. null for one of none, or that has ended. */
function scopeOf(status: ProcessStatus, scopes: readonly NodeScope[]): NodeScope | null {
  const deepEnough = scopes.filter(({ depth }) => status.nsPids.length >= depth)
  if (deepEnough.length === 0) return null
  try {
    const namespaces = listNamespaces(status.pid)
    const above = (scope: NodeScope) => status.nsPids.length > scope.depth
    const chain = deepEnough.some(above) ? pidNamespacesAbove(status.pid) : []
    const around = [namespaces.pid, ...chain]
    const candidates = deepEnough.filter((scope) => around.some((each) => scope.hasPidNamespace(each)))
    const likeness = candidates.map((scope) => scope.likeness(namespaces))
    return candidates[likeness.indexOf(Math.max(...likeness))] ?? null
  } catch (error) {
    // It has ended meanwhile, or is another user's: not one of this lab.
    if (error instanceof KernelError) return null
    throw error
  }
}

const linesOf = (path: string): number[][] =>
  (readIfThere(path) ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.trim().split(/\s+/).map(Number))
