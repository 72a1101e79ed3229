// Nodes in a row, from left to right; what has one neighbour hangs below it. Long chains are left to the layout of grids.

import { GAP, hang, rowGap } from '../hanging.js'
import { bundlesOf, spreadOf } from '../lines/bundles.js'
import { type Arrangement, at, emptyArrangement, type Net, type Tie } from '../net.js'
import { peel } from '../peel.js'

/** The most nodes in one row. */
export const LONGEST_ROW = 14

export function chain(net: Net, scale: number): Arrangement | null {
  const whole = pathOf(net)
  const peeled = whole
    ? { core: net, members: net.items.map((_, item) => item), leaves: net.items.map(() => []) }
    : peel(net)
  const order = whole ?? pathOf(peeled.core)
  // A lone node with others around it is a star.
  if (!order || order.length > LONGEST_ROW || (order.length === 1 && net.items.length > 1)) return null
  const hanging = order.map((item) => {
    const leaves = at(peeled.leaves, item)
    return leaves.length === 0 ? null : hang(net, at(peeled.members, item), leaves, scale)
  })
  const arrangement = emptyArrangement()
  const height = Math.max(...peeled.core.items.map((item) => item.height))
  const below = height / 2 + rowGap(net.ties, scale)
  let x = 0
  for (const [number, item] of order.entries()) {
    const { width, height } = at(peeled.core.items, item)
    const block = at(hanging, number)
    const own = { width: at(peeled.core.items, item).isBus && block ? Math.max(width, block.span) : width, height }
    const before = order[number - 1]
    if (before !== undefined) {
      const left = arrangement.places[at(peeled.members, before)]
      const gap = gapOf(net.ties, at(peeled.members, before), at(peeled.members, item)) * scale
      const blocks = ((hanging[number - 1]?.width ?? 0) + (block?.width ?? 0)) / 2
      x += Math.max((left?.width ?? 0) / 2 + gap + own.width / 2, blocks + GAP)
    }
    arrangement.places[at(peeled.members, item)] = { x, y: 0, ...own }
    block?.put(arrangement, x, below, { x, y: own.height / 2 })
  }
  return arrangement
}

/** The room that the texts of the ties between two items need side by side, and that in which several ties spread. */
export function gapOf(ties: readonly Tie[], a: number, b: number): number {
  const own = ties.filter(({ ends }) => ends.includes(a) && ends.includes(b))
  const widths = own.map(({ endSizes, middle }) => endSizes[0].width + endSizes[1].width + middle.width)
  const bundles = [...bundlesOf(own).values()]
  const spreads = bundles.map((bundle) => (bundle.ties.length - 1) * spreadOf(bundle, { x: 0, y: 1 }))
  return Math.max(60, Math.max(0, ...widths) + 34) + Math.max(0, ...spreads)
}

/** The items of a path from end to end, from the end that comes first; null if the net is none. */
export function pathOf({ items, neighbours }: Net): number[] | null {
  if (items.length === 1) return [0]
  const ends = neighbours.flatMap((others, item) => (others.length === 1 ? [item] : []))
  if (ends.length !== 2 || neighbours.some((others) => others.length > 2)) return null
  const order = [at(ends, 0)]
  for (const item of order) {
    const next = at(neighbours, item).find((other) => other !== order[order.length - 2])
    if (next !== undefined) order.push(next)
  }
  return order.length === items.length ? order : null
}
