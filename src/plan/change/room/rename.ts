// Gives devices their new names and MAC addresses, in an order in which every name is free. Pure.
import type { Replacement, ReversibleOp } from '../../op.js'
import type { DeviceChange } from '../device-changes.js'
import type { Removing } from './removing.js'

/** An interface has at most 15 bytes (IFNAMSIZ). */
const temporaryName = (index: number): string => `nslab-${index}`

export function rename(changes: readonly DeviceChange[], removing: Removing): void {
  const byNode = new Map<string, Replacement[]>()
  for (const { node, identity } of changes) {
    if (identity) byNode.set(node, [...(byNode.get(node) ?? []), identity])
  }
  for (const [node, all] of byNode) for (const op of inOrder(all)) removing.add(node, op)
}

const nameOf = (op: ReversibleOp): string => ('interface' in op ? (op.interface as string) : '')

function inOrder(all: readonly Replacement[]): Replacement[] {
  const done: Replacement[] = []
  let left = [...all]
  while (left.length > 0) {
    const taken = new Set(left.map(({ from }) => nameOf(from)))
    const free = left.filter(({ from, to }) => nameOf(from) === nameOf(to) || !taken.has(nameOf(to)))
    if (free.length > 0) {
      done.push(...free)
      left = left.filter((each) => !free.includes(each))
      continue
    }
    // A ring: one of them gets out of the way.
    const [{ op, node, from, to }, ...rest] = left as [Replacement, ...Replacement[]]
    const aside = { ...from, interface: temporaryName('index' in from ? from.index : 0) } as ReversibleOp
    done.push({ op, node, from, to: aside })
    left = [{ op, node, from: aside, to }, ...rest]
  }
  return done
}
