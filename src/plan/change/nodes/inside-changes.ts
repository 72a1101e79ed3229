// What changes inside the nodes of a lab that go on running. Pure.
import type { ResolvedTopology } from '../../../model/resolved.js'
import type { InsideChange, NodeInside } from '../change-plan.js'
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
    // After a change that was not completed, the node may have what any of them has.
    const changes = known.flatMap(({ nodes, topology }) => {
      const before = nodes.get(node.name)
      return (before && insideChange([before, topology], [node, target], now)) ?? []
    })
    const [first, ...others] = changes
    return first ? [others.reduce(together, first)] : []
  })
}

/** What either of two changes of a node changes, from what the first one changes it from. */
function together({ node, from, to }: InsideChange, other: InsideChange): InsideChange {
  const files = (one: NodeInside, another: NodeInside): Pick<NodeInside, 'files'> => {
    const all = new Map([...(another.files ?? []), ...(one.files ?? [])].map((file) => [file.path, file]))
    return all.size === 0 && !one.files && !another.files ? {} : { files: [...all.values()] }
  }
  return {
    node,
    from: { ...other.from, ...from, ...files(from, other.from) },
    to: { ...other.to, ...to, ...files(to, other.to) },
  }
}
