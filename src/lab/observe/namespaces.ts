// Lists the namespaces of a lab's nodes and of the whole machine. They are read from /proc and not by netlink, so a user needs no
// privilege for the own processes.

import { listNamespaces } from '../../kernel/namespaces.js'
import { commandOf, readProcessStatus } from '../../kernel/proc/list-processes.js'
import { readNamespaceTable } from '../../kernel/proc/namespace-table.js'
import type { NodeStatus } from '../../model/lab-view.js'
import type { Inodes, LabNamespaces, MachineNamespaces, SharedNamespace } from '../../model/process-view.js'
import { NAMESPACE_KINDS } from '../../namespace-kinds.js'
import type { RunningLab } from '../record/select.js'
import { isPaused } from '../run/pause.js'
import { isRunning } from '../who/process-identity.js'
import { userNames } from '../who/users.js'

/** The namespaces of a lab's nodes, and which of them nodes share. @throws KernelError when they may not be read. */
export function labNamespaces({ state }: RunningLab): LabNamespaces {
  const caller = inodesOf(process.pid)
  const nodes = state.nodes.map((node) => {
    const alive = isRunning(node)
    const status: NodeStatus = !alive ? 'dead' : isPaused(node) ? 'paused' : 'running'
    return { name: node.name, pid: node.pid, status, namespaces: alive ? inodesOf(node.pid) : NONE }
  })
  return { lab: state.lab, nodes, caller, shared: sharedAmong(nodes, caller) }
}

/** All namespaces of the machine that the caller can find, as lsns(8) lists them. @throws KernelError */
export function machineNamespaces(): MachineNamespaces {
  const { namespaces, unreadable } = readNamespaceTable()
  const nameOf = userNames()
  return {
    namespaces: namespaces.map(({ kind, inode, owner, processes, firstPid, mountedAt }) => {
      const status = firstPid === null ? null : readProcessStatus(firstPid)
      const first = status && { pid: status.pid, user: nameOf(status.uid), command: commandOf(status) }
      return { kind, inode, owner, processes, first, mountedAt }
    }),
    unreadable,
  }
}

function sharedAmong(nodes: LabNamespaces['nodes'], caller: Inodes): SharedNamespace[] {
  return NAMESPACE_KINDS.flatMap((kind) => {
    const members = new Map<number, string[]>()
    for (const { name, namespaces } of nodes) {
      const inode = namespaces[kind]
      if (inode === null) continue
      const names = members.get(inode)
      if (names) names.push(name)
      else members.set(inode, [name])
    }
    return [...members]
      .map(([inode, names]) => ({ kind, inode, caller: inode === caller[kind], nodes: names }))
      .filter((each) => each.caller || each.nodes.length > 1)
  })
}

function inodesOf(pid: number): Inodes {
  const namespaces = listNamespaces(pid)
  return Object.fromEntries(NAMESPACE_KINDS.map((kind) => [kind, namespaces[kind]?.inode ?? null])) as Inodes
}

const NONE = Object.fromEntries(NAMESPACE_KINDS.map((kind) => [kind, null])) as Inodes
