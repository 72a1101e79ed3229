// What is removed when all that is new is there. Pure.
import { isDevice } from '../device-op.js'
import type { ConfigOp, VethAdd } from '../op.js'
import { type ChangeContext, isRemoved } from './context.js'
import { type FactOp, placeKey, placesOf } from './facts/fact.js'
import { rankOf } from './room/phases.js'

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
  // In all nodes before any device goes: with a pair, what is at its other end goes, too.
  const entries = rest.map(({ op }) => op).toSorted((a, b) => orderOf(a) - orderOf(b))
  // What stands on another device was read after it.
  const ends = devices.toReversed().flatMap(({ op }) => stayingEnd(op, ending) ?? [])
  return [...byNode(entries), ...byNode(ends)]
}

function byNode(ops: readonly FactOp[]): { node: string; remove: ConfigOp[] }[] {
  const nodes = new Map<string, ConfigOp[]>()
  for (const what of ops) {
    const remove = nodes.get(what.node) ?? []
    nodes.set(what.node, remove)
    remove.push({ op: 'remove', node: what.node, what })
  }
  return [...nodes].map(([node, remove]) => ({ node, remove }))
}

/** Groups of next-hop objects go before their members, and interfaces leave their master before they go down. */
function orderOf(op: FactOp): number {
  const isEarly = op.op === 'link.enslave' || (op.op === 'nexthop.add' && 'group' in op.nexthop)
  return rankOf(op) - (isEarly ? 0.5 : 0)
}

/** A pair is removed by an end of a node that stays; null when there is none. */
function stayingEnd(op: FactOp, ending: ReadonlySet<string>): FactOp | null {
  if (!ending.has(op.node)) return op
  if (op.op !== 'veth.add' || ending.has(op.peer.node) || op.peer.node.startsWith('@')) return null
  const { op: _, peer, queues, ...own } = op
  return { op: 'veth.add', ...peer, queues, peer: own } satisfies VethAdd
}
