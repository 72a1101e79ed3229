// How many nodes would fit on the machine: each resource by itself, and the scarcest of them.
import type { Facts } from './facts.js'
import { leastNamespaces } from './limits.js'

/** Measured on Linux 6.18: kernel memory of a node's namespaces, mounts and first process, and private memory of it. */
const NODE_BYTES = 430 * 1024 + 24 * 1024
/** `up` holds two descriptors for each node: its network namespace, and a netlink socket in it. */
const DESCRIPTORS_A_NODE = 2
/** What Node.js itself and the keeper have open. */
const DESCRIPTORS_BESIDE = 64
/** PIDs the kernel gives to nobody (RESERVED_PIDS, kernel/pid.c), and the keeper and the shim. */
const PIDS_BESIDE = 310

export interface Capacity {
  /** Nodes. */
  fit: number
  limitedBy: string
  /** Nodes that each resource has room for, least first; those without a limit are left out. */
  limits: { name: string; nodes: number }[]
}

export function capacityOf({ uid, sysctls, limits }: Facts): Capacity {
  const namespaces = leastNamespaces(sysctls.maxNamespaces)
  const rooms = [
    { name: 'memory', nodes: limits.memoryFree / NODE_BYTES },
    { name: 'open files', nodes: (limits.openFiles - DESCRIPTORS_BESIDE) / DESCRIPTORS_A_NODE },
    { name: 'process ids', nodes: limits.pids - limits.tasks - PIDS_BESIDE },
    { name: 'pids.max of this cgroup', nodes: limits.cgroupTasksFree },
    { name: `user.max_${namespaces.kind}_namespaces`, nodes: namespaces.max },
    ...(uid === 0 ? [] : [{ name: "this user's processes", nodes: limits.processes - limits.ownTasks }]),
  ]
  const finite = rooms
    .filter(({ nodes }) => Number.isFinite(nodes))
    .map(({ name, nodes }) => ({ name, nodes: Math.max(0, Math.floor(nodes)) }))
    .sort((a, b) => a.nodes - b.nodes)
  const least = finite[0] ?? { name: 'nothing', nodes: Number.MAX_SAFE_INTEGER }
  return { fit: least.nodes, limitedBy: least.name, limits: finite }
}
