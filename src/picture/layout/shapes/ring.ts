// Rings and full meshes: nodes on a circle; what has one neighbour is outside it.
import { type Arrangement, at, emptyArrangement, type Net } from '../net.js'
import { peel } from '../peel.js'
import type { Size } from '../text-size.js'
import { gapOf } from './chain.js'

/** Longer rings are left to the layout of grids. */
export const LONGEST_RING = 40
const LARGEST_MESH = 60

/** Circles are flatter, as boxes and sheets are. */
const FLAT = 0.8
/** Between boxes on the outer circle. */
const BETWEEN = 24

export function ring(net: Net, scale: number): Arrangement | null {
  const { core, members, leaves } = peel(net)
  const order = core.items.length < 3 ? null : (shortCycleOf(core) ?? meshOf(core))
  if (!order) return null
  // A triangle stands on its second and third node, from left to right.
  if (order.length === 3) order.splice(1, 2, at(order, 2), at(order, 1))
  const count = order.length
  const width = Math.max(...core.items.map((item) => item.width))
  const gaps = order.map((item, number) =>
    gapOf(net.ties, at(members, item), at(members, at(order, (number + 1) % count))),
  )
  const chord = (width + Math.max(...gaps)) * scale
  const all = leaves.flat()
  const leafWidth = Math.max(0, ...all.map((leaf) => at(net.items, leaf).width))
  const texts = Math.max(
    0,
    ...leaves.flatMap((own, item) => own.map((leaf) => gapOf(net.ties, leaf, at(members, item)))),
  )
  const step = all.length === 0 ? 0 : (width + leafWidth) / 2 + texts
  // Most boxes on a circle are beside each other rather than above.
  const inner = Math.max(chord / (2 * Math.sin(Math.PI / count)) / (count > 6 ? 1.25 : 1), 90)
  const most = Math.max(...leaves.map((own) => own.length))
  const outer = Math.max(
    inner + step * scale,
    most < 2 ? 0 : (count * most * (leafWidth + BETWEEN) * scale) / (2 * Math.PI * 0.9),
  )
  const radius = Math.max(inner, outer - step * 1.5 * scale)
  const start = count === 4 ? -Math.PI : -Math.PI / 2
  const places: Arrangement['places'] = []
  const onCircle = (item: number, radius: number, angle: number, size: Size): void => {
    const { width, height } = size
    places[item] = { x: radius * Math.cos(angle), y: radius * Math.sin(angle) * FLAT, width, height }
  }
  for (const [number, item] of order.entries()) {
    const angle = start + (2 * Math.PI * number) / count
    onCircle(at(members, item), radius, angle, at(core.items, item))
    const own = at(leaves, item)
    for (const [position, leaf] of own.entries()) {
      const turn = ((position - (own.length - 1) / 2) * 2 * Math.PI) / (count * Math.max(most, 1))
      // Boxes need less room above each other.
      const near = radius + (outer - radius) * (most > 1 ? 1 : 0.55 + 0.45 * Math.abs(Math.cos(angle)))
      onCircle(leaf, near, angle + turn, at(net.items, leaf))
    }
  }
  return { ...emptyArrangement(), places }
}

const shortCycleOf = (core: Net): number[] | null => (core.items.length > LONGEST_RING ? null : cycleOf(core))

/** The items of a ring in their order from the first; null if the net is no ring. */
export function cycleOf({ items, neighbours }: Net): number[] | null {
  if (neighbours.some((others) => others.length !== 2)) return null
  const order = [0]
  for (const item of order) {
    const next = at(neighbours, item).find((other) => other !== order[order.length - 2] && other !== 0)
    if (next !== undefined && order.length < items.length) order.push(next)
  }
  return order.length === items.length ? order : null
}

/** The items of a full mesh; null if the net is none. */
function meshOf({ items, neighbours }: Net): number[] | null {
  const isFull = items.length <= LARGEST_MESH && neighbours.every((others) => others.length === items.length - 1)
  return isFull ? items.map((_, item) => item) : null
}
