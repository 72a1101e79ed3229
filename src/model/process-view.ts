// What can be seen of a lab's processes: their namespaces, the processes of nodes, their mounts. Pure data, JSON-safe; the
// shapes that src/lab fills and src/present shows.
import type { NamespaceKind } from '../namespace-kinds.js'
import type { NodeStatus } from './lab-view.js'

/** The namespaces of a lab's nodes; the document of `ns`. */
export interface LabNamespaces {
  lab: string
  nodes: { name: string; pid: number; status: NodeStatus; namespaces: Inodes }[]
  /** Of the process that looks. */
  caller: Inodes
  /** Namespaces that a node has together with the caller or with another node. */
  shared: SharedNamespace[]
}

/** null for a kind this kernel lacks, or of a node that is dead. */
export type Inodes = Record<NamespaceKind, number | null>

export interface SharedNamespace {
  kind: NamespaceKind
  inode: number
  /** Whether the caller is in it. */
  caller: boolean
  /** The nodes in it. */
  nodes: string[]
}

/** The document of `ns --all`. */
export interface MachineNamespaces {
  namespaces: MachineNamespace[]
  /** How many processes the caller may not look into. Namespaces that only they are in are not listed. */
  unreadable: number
}

export interface MachineNamespace {
  kind: NamespaceKind
  inode: number
  /** Inode of the user namespace it belongs to; null where that is outside the caller's. */
  owner: number | null
  processes: number
  /** The process in it with the lowest PID; null without one. */
  first: { pid: number; user: string; command: string } | null
  /** Where a bind mount keeps it; null for none that the caller sees. */
  mountedAt: string | null
}

/** The document of `mounts`. */
export interface NodeMounts {
  lab: string
  node: string
  pid: number
  mounts: MountView[]
}

/** A line of /proc/PID/mountinfo (proc_pid_mountinfo(5)). */
export interface MountView {
  id: number
  /** Id of the mount that it is on. */
  parent: number
  /** `MAJOR:MINOR` of the file system. */
  device: string
  /** What of the file system is mounted. */
  root: string
  /** Where. */
  target: string
  type: string
  source: string
  options: readonly string[]
  superOptions: readonly string[]
  /** Empty for a private mount. */
  propagation: readonly string[]
  /** What /proc/PID/mountstats has of it, line by line; null where the file system counts nothing. */
  statistics: readonly string[] | null
}

/** The document of `ps`. */
export interface LabProcesses {
  lab: string
  processes: NodeProcessView[]
}

export interface NodeProcessView {
  /** Where nodes share their PID namespace, the one that it has most other namespaces together with. */
  node: string
  /** As the node's PID namespace numbers it. */
  pid: number
  /** As the caller's does. */
  hostPid: number
  /** Name of the user that it is in the node. */
  user: string | null
  /** Effective user id in the node; null for one that the node has no number for. */
  uid: number | null
  hostUid: number
  /** One letter (proc_pid_stat(5)). */
  state: string
  command: string
}
