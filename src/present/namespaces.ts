// The texts of `ns`. No line end after the last line.

import type { LabNamespaces, MachineNamespaces } from '../model/process-view.js'
import { NAMESPACE_KINDS } from '../namespace-kinds.js'
import { renderTable } from './text-table.js'

const SHARED_WITH_CALLER = '*'
const SHARED_WITH_NODE = '+'

/** A table of nodes and namespaces. A mark after an inode number says that the node shares the namespace. */
export function labNamespacesText({ nodes, shared }: LabNamespaces, columns?: number): string {
  const marks = new Map(
    shared.map((each) => [`${each.kind} ${each.inode}`, each.caller ? SHARED_WITH_CALLER : SHARED_WITH_NODE]),
  )
  const table = renderTable(
    ['NODE', ...NAMESPACE_KINDS.map((kind) => kind.toUpperCase())],
    nodes.map(({ name, namespaces }) => [
      name,
      ...NAMESPACE_KINDS.map((kind) => {
        const inode = namespaces[kind]
        return inode === null ? null : `${inode}${marks.get(`${kind} ${inode}`) ?? ''}`
      }),
    ]),
    columns,
  )
  const used = [...new Set(marks.values())].sort()
  const legend = used.map((mark) =>
    mark === SHARED_WITH_CALLER ? `${mark} also yours` : `${mark} also another node’s`,
  )
  return legend.length === 0 ? table : `${table}\n\n${legend.join(', ')}`
}

/** A table of all namespaces as lsns(8) prints it, with a column for the owning user namespace. */
export function machineNamespacesText({ namespaces, unreadable }: MachineNamespaces, columns?: number): string {
  const table = renderTable(
    ['NS', 'KIND', 'OWNER', 'PROCESSES', 'PID', 'USER', 'COMMAND'],
    namespaces.map(({ kind, inode, owner, processes, first, mountedAt }) => {
      const kept = mountedAt === null ? null : `kept by ${mountedAt}`
      return [inode, kind, owner, processes, first?.pid ?? null, first?.user ?? null, first?.command ?? kept]
    }),
    columns,
  )
  if (unreadable === 0) return table
  return `${table}\n\nnot all: the kernel does not let you look into ${unreadable} of the processes`
}
