// How many nodes fit on the machine, by each resource and by the scarcest of them.
import type { Facts } from './facts.js'
import { lowestNamespaceLimit } from './limits.js'
import { DESCRIPTORS_PER_NODE, NODE_BYTES } from './needs.js'

/** Descriptors that Node.js itself has open, and those of network namespaces that requests of `up` name (node-sockets.ts). */
const OWN_DESCRIPTORS = 192
/** The 300 PIDs that the kernel gives to no ordinary process (RESERVED_PIDS, kernel/pid.c), the keeper and the shim. */
const RESERVED_PIDS = 310

export interface Capacity {
  /** Number of nodes that fit. */
  fit: number
  /** The scarcest resource. */
  limitedBy: string
  /** Number of nodes that each limited resource allows, scarcest first. */
  limits: { name: string; nodes: number }[]
}

export function capacityOf({ uid, sysctls, limits }: Facts): Capacity {
  const namespaces = lowestNamespaceLimit(sysctls.maxNamespaces)
  const rooms = [
    { name: 'memory', nodes: limits.memoryFree / NODE_BYTES },
    { name: 'open files', nodes: (limits.openFiles - OWN_DESCRIPTORS) / DESCRIPTORS_PER_NODE },
    { name: 'process ids', nodes: limits.pids - limits.tasks - RESERVED_PIDS },
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
