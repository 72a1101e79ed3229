// Reads what the kernel has in the nodes of a running lab, in the words of a plan.
import type { ObservedNode } from '../../plan/change/observed.js'
import type { RunningLab } from '../record/select.js'
import type { NeighbourRef } from './neighbours.js'
import { LabNetworks } from './networks.js'
import { NodeReader } from './node-reader.js'
import type { SysctlRequest } from './sysctls.js'

export type { NeighbourRef } from './neighbours.js'
export type { InterfaceSysctls, SysctlRequest } from './sysctls.js'

/** What is to be read. */
export interface ObserveRequest {
  /** Names of the nodes. Absent: all nodes of the lab. */
  nodes?: ReadonlySet<string>
  /** The sysctls that are to be read of a node. */
  sysctls: (node: string) => SysctlRequest
  /**
   * The neighbours of a node that are looked up, if they are permanent. Absent: all permanent ones are listed, which takes milliseconds
   * a node where the neighbour table of the machine is or was large.
   */
  neighbours?: (node: string) => readonly NeighbourRef[]
}

/** No sysctls. */
export const NO_SYSCTLS: SysctlRequest = { node: [], interfaces: [] }

/**
 * Reads nodes, in the order of the lab's state. Synchronous: the thread enters the namespaces of each node and comes back.
 *
 * A dead node is read through the keeper's descriptor; in another user's lab, whose keeper is not trusted, it has no interfaces. Nodes
 * that share a network namespace have the same interfaces and entries, each in its own name.
 *
 * @throws KernelError when a namespace cannot be read
 */
export function observeNodes(lab: RunningLab, ask: ObserveRequest): ObservedNode[] {
  using networks = new LabNetworks(lab)
  const reader = new NodeReader(networks)
  const { nodes, wire } = lab.state
  const read = nodes.map((node) => {
    const isAsked = ask.nodes?.has(node.name) ?? true
    return reader.read(node, isAsked ? ask.sysctls(node.name) : null, ask.neighbours?.(node.name) ?? null)
  })
  if (wire && networks.isKeeperTrusted) reader.readWire(wire.netnsFd)
  return reader.observed(read)
}
