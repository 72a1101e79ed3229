// Positions that people have written: they win over the layout. What has none is put where the layout had it beside the others.
import type { PictureGraph } from '../../model/picture/graph.js'
import type { PictureOptions } from '../../model/picture/options.js'
import type { Point } from '../../model/picture/point.js'
import { overlaps } from './cells.js'
import { type Arrangement, at, emptyArrangement, type Net, type Place } from './net.js'
import { boxOf, separate } from './separate.js'

/** Nearer than this, a node is where the layout has it. */
const SAME = 0.6

export interface Kept {
  /** By number of node. */
  positions: Map<number, Point>
  warnings: string[]
}

/** The positions that can be kept: on the sheet, and no two at one place. */
export function keptPositions(graph: PictureGraph, net: Net, options: PictureOptions): Kept {
  const positions = new Map<number, Point>()
  const warnings: string[] = []
  const taken: { id: string; place: Place }[] = []
  for (const [number, { id, position }] of graph.nodes.entries()) {
    const wanted = position ?? (Object.hasOwn(options.positions, id) ? options.positions[id] : undefined)
    if (!wanted) continue
    const { width, height } = at(net.items, number)
    const inside = { x: Math.max(wanted.x, width / 2), y: Math.max(wanted.y, height / 2) }
    if (inside.x !== wanted.x || inside.y !== wanted.y) {
      warnings.push(`${id} at ${wanted.x}, ${wanted.y} is not wholly on the sheet: it is at ${inside.x}, ${inside.y}`)
    }
    const place = { ...inside, width, height }
    const other = taken.find((each) => overlaps(boxOf(each.place), boxOf(place)))
    if (other) {
      warnings.push(`${id} at ${wanted.x}, ${wanted.y} is over ${other.id}: the layout has put it elsewhere`)
      continue
    }
    taken.push({ id, place })
    positions.set(number, inside)
  }
  return { positions, warnings }
}

/** How far the layout would have to be moved so that it fits the positions, and how far off it is then, on average. */
export function fitting(
  { places }: Arrangement,
  positions: ReadonlyMap<number, Point>,
): { move: Point; distance: number } {
  const move = { x: 0, y: 0 }
  for (const [number, { x, y }] of positions) {
    move.x += (x - at(places, number).x) / positions.size
    move.y += (y - at(places, number).y) / positions.size
  }
  let distance = 0
  for (const [number, { x, y }] of positions) {
    const place = at(places, number)
    distance += Math.hypot(x - place.x - move.x, y - place.y - move.y) / positions.size
  }
  return { move, distance }
}

/** Puts nodes where they are to be, and the others beside them, `gap` from each other, and `margin` from the edges of the sheet. */
export function keep(
  net: Net,
  arrangement: Arrangement,
  positions: ReadonlyMap<number, Point>,
  { margin, gap }: { margin: number; gap: number },
): Arrangement {
  const { move } = fitting(arrangement, positions)
  const isFixed = (number: number) => positions.has(number)
  const moved = arrangement.places.map((place) => ({ ...place, x: place.x + move.x, y: place.y + move.y }))
  let places = moved.map((place, number) => ({ ...place, ...positions.get(number) }))
  for (let round = 0; round < 4; round++) {
    places = places.map((place, number) => (isFixed(number) ? place : onSheet(place, margin)))
    places = separate(places, gap, isFixed)
  }
  const isMoved = places.map((place, number) => {
    const before = at(moved, number)
    return Math.hypot(place.x - before.x, place.y - before.y) > SAME
  })
  const kept: Arrangement = { ...emptyArrangement(), places }
  for (const { edge, ends } of net.ties) {
    const way = arrangement.routes.get(edge)
    if (!way || ends.some((end) => isMoved[end])) continue
    kept.routes.set(
      edge,
      way.map(({ x, y }) => ({ x: x + move.x, y: y + move.y })),
    )
    const end = arrangement.hung.get(edge)
    if (end !== undefined) kept.hung.set(edge, end)
  }
  return kept
}

const onSheet = (place: Place, margin: number): Place => ({
  ...place,
  x: Math.max(place.x, place.width / 2 + margin),
  y: Math.max(place.y, place.height / 2 + margin),
})
