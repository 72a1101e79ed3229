// Rings and full meshes: nodes on a circle; what has one neighbour is outside it.
import { type Arrangement, at, type Net } from '../net.js'
import { peel } from '../peel.js'
import { gapOf } from './chain.js'

export function ring(net: Net, scale: number): Arrangement | null {
  const { core, members, leaves } = peel(net)
  const order = core.items.length < 3 ? null : (cycleOf(core) ?? meshOf(core))
  if (!order) return null
  const count = order.length
  const width = Math.max(...core.items.map((item) => item.width))
  const gap = Math.max(
    ...order.map((item, number) => textGap(net, at(members, item), at(members, at(order, (number + 1) % count)))),
  )
  // Where boxes are beside each other, the ring needs its widest step.
  const chord = (width + gap) * scale
  const radius = Math.max(chord / (2 * Math.sin(Math.PI / count)) / (count > 6 ? 1.25 : 1), 90)
  const start = count === 4 ? -Math.PI : -Math.PI / 2
  const places: Arrangement['places'] = []
  for (const [number, item] of order.entries()) {
    const angle = start + (2 * Math.PI * number) / count
    const { width, height } = at(core.items, item)
    places[at(members, item)] = { x: radius * Math.cos(angle), y: radius * Math.sin(angle) * 0.8, width, height }
    const own = at(leaves, item)
    const widest = Math.max(0, ...own.map((leaf) => at(net.items, leaf).width))
    const texts = Math.max(0, ...own.map((leaf) => gapOf(net.ties, leaf, at(members, item))))
    // Leaves are on a circle around their neighbour, in the half that is outside.
    const distance = Math.max((width + widest) / 2 + texts, (own.length * (widest + 20)) / Math.PI) * scale
    for (const [position, leaf] of own.entries()) {
      const turn =
        own.length === 1
          ? 0
          : ((position - (own.length - 1) / 2) / Math.max(own.length - 1, 2)) *
            Math.min(2.6, 0.6 * own.length, (5 * Math.PI) / count)
      const { width, height } = at(net.items, leaf)
      const steep = Math.abs(Math.cos(angle + turn))
      const far = own.length > 2 ? distance : distance * (0.6 + 0.4 * steep)
      places[leaf] = {
        x: radius * Math.cos(angle) + far * Math.cos(angle + turn),
        y: radius * Math.sin(angle) * 0.8 + far * Math.sin(angle + turn) * 0.8,
        ...{ width, height },
      }
    }
  }
  return { places, routes: new Map() }
}

const textGap = (net: Net, a: number, b: number): number => gapOf(net.ties, a, b)

/** The items of a ring in their order from the first; null if the net is no ring. */
function cycleOf({ items, neighbours }: Net): number[] | null {
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
  const isFull = items.length <= 24 && neighbours.every((others) => others.length === items.length - 1)
  return isFull ? items.map((_, item) => item) : null
}
