// The part of a lab's state that is known when its nodes run.

import { LabError } from '../../errors.js'
import type { ResolvedTopology } from '../../model/resolved.js'
import { hasTunnels } from '../../plan/emulation/segments.js'
import { nodeAddress } from '../../topology/addresses/node-address.js'
import { nodeCgroup } from '../record/cgroup.js'
import type { LabState } from '../record/state.js'
import type { FreshNode, HeldNetns } from './nodes.js'

/** A node's process, and the keeper's descriptor of its network namespace. */
export type HeldNode = FreshNode & HeldNetns

/** The nodes and links of a lab as its state records them. @param cgroup directory of the lab's cgroup; null for none */
export function describeState(
  topology: ResolvedTopology,
  fresh: readonly HeldNode[],
  cgroup: string | null,
): Pick<LabState, 'nodes' | 'links' | 'linkIndexes' | 'tunnels'> {
  const byName = new Map(fresh.map((node) => [node.name, node]))
  const nodes = topology.nodes.map((node) => {
    const process = byName.get(node.name)
    if (!process) throw new LabError('INTERNAL', `nslab-shim spawn did not report node ${node.name}`)
    const network =
      node.network === undefined ? node : (topology.nodes.find(({ name }) => name === node.network) ?? node)
    const addresses = { ipv4: nodeAddress(network, 4), ipv6: nodeAddress(network, 6) }
    const { env = {} } = node.contents ?? {}
    return {
      ...process,
      kind: node.kind,
      cgroup: cgroup && nodeCgroup(cgroup, node),
      ...addresses,
      ...(node.title === undefined ? {} : { title: node.title }),
      ...(Object.keys(node.labels).length === 0 ? {} : { labels: node.labels }),
      ...(node.position === undefined ? {} : { position: node.position }),
      ...(Object.keys(env).length === 0 ? {} : { env }),
    }
  })
  const links = topology.links.map(
    ({ endpoints: [a, b] }) => [`${a.node}:${a.interface}`, `${b.node}:${b.interface}`] as [string, string],
  )
  const indexes = new Map(
    topology.nodes.flatMap((node) => node.interfaces.map(({ name, index }) => [`${node.name}:${name}`, index])),
  )
  const linkIndexes = links.map(([a, b]) => [indexes.get(a) ?? 0, indexes.get(b) ?? 0] as [number, number])
  return { nodes, links, linkIndexes, ...(hasTunnels(topology) ? { tunnels: true } : {}) }
}
