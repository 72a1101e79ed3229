// What changes inside the nodes of a lab that go on running. Pure.
import type { ResolvedTopology } from '../../../model/resolved.js'
import type { InsideChange } from '../change-plan.js'
import type { ObservedNode } from '../observed.js'
import type { TopologyIndex } from '../topology-index.js'
import { insideChange } from './inside.js'
import type { NodeChanges } from './node-change.js'

export function insideChanges(
  target: ResolvedTopology,
  known: readonly TopologyIndex[],
  { added, replaced, restarted }: NodeChanges,
  observed: readonly ObservedNode[],
): InsideChange[] {
  const running = new Map(observed.map((node) => [node.name, node]))
  return target.nodes.flatMap((node) => {
    const now = running.get(node.name)
    if (!now || added.has(node.name) || replaced.has(node.name) || restarted.has(node.name)) return []
    // After changes that were killed, one of the topologies has what the node has.
    for (const { nodes, topology } of known) {
      const before = nodes.get(node.name)
      const change = before ? insideChange([before, topology], [node, target], now) : null
      if (change) return [change]
    }
    return []
  })
}
