// Points, lines and boxes.
import type { Point } from '../../model/picture/point.js'
import type { Box } from '../../model/picture/sheet.js'

export const between = (a: Point, b: Point, share: number): Point => ({
  x: a.x + (b.x - a.x) * share,
  y: a.y + (b.y - a.y) * share,
})

export const lengthOf = (points: readonly Point[]): number =>
  points.slice(1).reduce((sum, point, number) => sum + gap(points[number] as Point, point), 0)

const gap = (a: Point, b: Point): number => Math.hypot(b.x - a.x, b.y - a.y)

/** The point of a line at a distance from its start, and the direction there, of length 1. */
export function along(points: readonly Point[], distance: number): { point: Point; direction: Point } {
  let left = distance
  for (let number = 1; number < points.length; number++) {
    const a = points[number - 1] as Point
    const b = points[number] as Point
    const length = gap(a, b)
    if ((left <= length || number === points.length - 1) && length > 0) {
      return { point: between(a, b, left / length), direction: { x: (b.x - a.x) / length, y: (b.y - a.y) / length } }
    }
    left -= length
  }
  return { point: points[0] as Point, direction: { x: 1, y: 0 } }
}

/** Whether the line from `a` to `b` passes through a box (Liang and Barsky, 1984). */
export function passes(a: Point, b: Point, box: Box): boolean {
  let [start, end] = [0, 1]
  const edges = [
    [a.x - b.x, a.x - box.x],
    [b.x - a.x, box.x + box.width - a.x],
    [a.y - b.y, a.y - box.y],
    [b.y - a.y, box.y + box.height - a.y],
  ] as const
  for (const [slope, room] of edges) {
    if (slope === 0) {
      if (room <= 0) return false
    } else if (slope < 0) start = Math.max(start, room / slope)
    else end = Math.min(end, room / slope)
  }
  return start < end
}

/** Whether two lines cross at a point that is no end of either. */
export function crosses(a: Point, b: Point, c: Point, d: Point): boolean {
  const side = (p: Point, q: Point, r: Point) => (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x)
  const [one, two, three, four] = [side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)]
  const least = 1e-6
  return one * two < -least && three * four < -least
}

const inside = ({ x, y }: Point, box: Box): boolean =>
  x > box.x && x < box.x + box.width && y > box.y && y < box.y + box.height

/** The part of a line that begins in a box after it has left that. */
export function leaving(points: readonly Point[], box: Box): Point[] {
  const last = points.findLastIndex((point) => inside(point, box))
  if (last < 0 || last === points.length - 1) return [...points]
  const a = points[last] as Point
  const b = points[last + 1] as Point
  const shares = [
    b.x > a.x ? (box.x + box.width - a.x) / (b.x - a.x) : b.x < a.x ? (box.x - a.x) / (b.x - a.x) : 1,
    b.y > a.y ? (box.y + box.height - a.y) / (b.y - a.y) : b.y < a.y ? (box.y - a.y) / (b.y - a.y) : 1,
  ]
  return [between(a, b, Math.min(...shares)), ...points.slice(last + 1)]
}

/** The smallest box around boxes; of none, one without size. */
export function around(boxes: readonly Box[]): Box {
  if (boxes.length === 0) return { x: 0, y: 0, width: 0, height: 0 }
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const { x, y, width, height } of boxes) {
    left = Math.min(left, x)
    top = Math.min(top, y)
    right = Math.max(right, x + width)
    bottom = Math.max(bottom, y + height)
  }
  return { x: left, y: top, width: right - left, height: bottom - top }
}
