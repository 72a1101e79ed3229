// The view of a lab's processes: their namespaces, the processes of nodes, their mounts. src/lab fills these shapes, src/present
// shows them. Pure data, JSON-safe.
import type { NamespaceKind } from '../namespace-kinds.js'
import type { NodeStatus } from './lab-view.js'

/** The namespaces of a lab's nodes: the JSON document of `ns`. */
export interface LabNamespaces {
  lab: string
  nodes: { name: string; pid: number; status: NodeStatus; namespaces: Inodes }[]
  /** The namespaces of the process that runs `ns`. */
  caller: Inodes
  /** Namespaces that a node shares with the caller or with another node. */
  shared: SharedNamespace[]
}

/** Inode numbers; null for a kind that the kernel lacks, and for a node that is dead. */
export type Inodes = Record<NamespaceKind, number | null>

export interface SharedNamespace {
  kind: NamespaceKind
  inode: number
  /** Whether the caller is in it. */
  caller: boolean
  /** The nodes in it. */
  nodes: string[]
}

/** The JSON document of `ns --all`. */
export interface MachineNamespaces {
  namespaces: MachineNamespace[]
  /** The number of processes whose namespaces the caller may not read. Namespaces with no other process are not listed. */
  unreadable: number
}

export interface MachineNamespace {
  kind: NamespaceKind
  inode: number
  /** Inode of the user namespace that owns it; null if the caller cannot see that namespace. */
  owner: number | null
  processes: number
  /** The process in it with the lowest PID; null if there is no process in it. */
  first: { pid: number; user: string; command: string } | null
  /** Path of a bind mount that keeps it alive; null if the caller sees none. */
  mountedAt: string | null
}

/** The JSON document of `mounts`. */
export interface NodeMounts {
  lab: string
  node: string
  pid: number
  mounts: MountView[]
}

/** A line of /proc/PID/mountinfo (proc_pid_mountinfo(5)). */
export interface MountView {
  id: number
  /** Id of the mount that contains its mount point. */
  parent: number
  /** `MAJOR:MINOR` of the file system. */
  device: string
  /** Path of the mounted directory within the file system. */
  root: string
  /** The mount point. */
  target: string
  type: string
  source: string
  options: readonly string[]
  superOptions: readonly string[]
  /** Empty for a private mount. */
  propagation: readonly string[]
  /** Its lines in /proc/PID/mountstats; null if the file system has no statistics. */
  statistics: readonly string[] | null
}

/** The JSON document of `ps`. */
export interface LabProcesses {
  lab: string
  processes: NodeProcessView[]
}

export interface NodeProcessView {
  /** If nodes share a PID namespace, the node with which the process shares the most other namespaces. */
  node: string
  /** PID in the PID namespace of the node. */
  pid: number
  /** PID in the PID namespace of the caller. */
  hostPid: number
  /** Name of its user in the node; null for an id without a name. */
  user: string | null
  /** Effective user id in the node; null if no id of the node is mapped to it. */
  uid: number | null
  /** Effective user id outside. */
  hostUid: number
  /** State as one letter (proc_pid_stat(5)). */
  state: string
  command: string
}
