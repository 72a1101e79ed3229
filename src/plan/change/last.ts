// What is removed when all that is new is there. Pure.
import type { ConfigOp, VethAdd } from '../op.js'
import { type ChangeContext, isDevice, isRemoved } from './context.js'
import { type Fact, type FactOp, placeKey, placesOf } from './facts/fact.js'

/** In which order things are removed: what stands on others first. */
const RANKS: readonly (readonly FactOp['op'][])[] = [
  ['rule.add'],
  ['route.add'],
  ['nexthop.add'],
  ['neighbour.add', 'flood.add', 'bridge-vlan.add', 'bridge-vlan.delete', 'bridge-port.set'],
  ['address.add'],
  ['link.enslave'],
  ['link.up'],
]

/** @param ending nodes that end with all that they have */
export function lastRemovals(
  context: ChangeContext,
  ending: ReadonlySet<string>,
): { node: string; remove: ConfigOp[] }[] {
  const gone = [...context.removing.kernel.facts.values()].filter((fact) => isRemoved(fact, context))
  const devices = gone.filter(({ op }) => isDevice(op))
  const places = new Set(devices.flatMap(({ op }) => placesOf(op).map(placeKey)))
  const rest = gone.filter(({ op }) => {
    if (isDevice(op) || ending.has(op.node)) return false
    const own = placesOf(op)
    const isOnGone = (place: (typeof own)[number]) => places.has(placeKey(place))
    // The kernel takes what hangs on a device; a route by several of them, it may keep.
    return own.length === 0 || !(op.op === 'link.enslave' ? own.some(isOnGone) : own.every(isOnGone))
  })
  const byNode = new Map<string, ConfigOp[]>()
  const add = (op: FactOp): void => {
    byNode.set(op.node, [...(byNode.get(op.node) ?? []), { op: 'remove', node: op.node, what: op }])
  }
  for (const { op } of rest.toSorted((a, b) => rankOf(a) - rankOf(b))) add(op)
  // What stands on another device was read after it.
  for (const { op } of devices.toReversed()) {
    const staying = stayingEnd(op, ending)
    if (staying) add(staying)
  }
  return [...byNode].map(([node, remove]) => ({ node, remove }))
}

function rankOf({ op }: Fact): number {
  const rank = RANKS.findIndex((ops) => ops.includes(op.op))
  // Groups of next-hop objects before their members.
  return op.op === 'nexthop.add' && 'group' in op.nexthop ? rank - 0.5 : rank
}

/** A pair is removed by an end of a node that stays; null when there is none. */
function stayingEnd(op: FactOp, ending: ReadonlySet<string>): FactOp | null {
  if (!ending.has(op.node)) return op
  if (op.op !== 'veth.add' || ending.has(op.peer.node) || op.peer.node.startsWith('@')) return null
  const { op: _, peer, queues, ...own } = op
  return { op: 'veth.add', ...peer, queues, peer: own } satisfies VethAdd
}
