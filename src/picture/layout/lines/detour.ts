// Leads a line around the boxes in its way: past the corners of each, on the side that is nearer.
import type { Point } from '../../../model/picture/point.js'
import type { Box } from '../../../model/picture/sheet.js'
import { passes } from '../geometry.js'

/** Between a corner and the line that passes it. */
const CLEAR = 5
/** One way around leads to others; where boxes are this dense, a line may as well pass below one. */
const DEEPEST = 5

/** @param inWay the boxes that a straight line from one point to another passes through */
export function detour(points: readonly Point[], inWay: (a: Point, b: Point) => Box[]): Point[] {
  return points.flatMap((point, number) => {
    const next = points[number + 1]
    return next ? [point, ...turns(point, next, inWay, 0)] : [point]
  })
}

/** The points between two others. */
function turns(a: Point, b: Point, inWay: (a: Point, b: Point) => Box[], depth: number): Point[] {
  if (depth === DEEPEST) return []
  const boxes = inWay(a, b).filter((box) => !isWithin(a, box) && !isWithin(b, box))
  const [nearest] = boxes.sort((one, two) => distance(a, one) - distance(a, two))
  if (!nearest) return []
  const corners = around(a, b, nearest)
  const whole = [a, ...corners, b]
  return whole.slice(0, -1).flatMap((point, number) => {
    const next = whole[number + 1] as Point
    const between = turns(point, next, inWay, depth + 1)
    return number === 0 ? between : [point, ...between]
  })
}

/** The corners on the side of the line on which they are nearer to it, in the direction of the line. */
function around(a: Point, b: Point, { x, y, width, height }: Box): Point[] {
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1
  const direction = { x: (b.x - a.x) / length, y: (b.y - a.y) / length }
  const corners = [
    { x: x - CLEAR, y: y - CLEAR },
    { x: x + width + CLEAR, y: y - CLEAR },
    { x: x + width + CLEAR, y: y + height + CLEAR },
    { x: x - CLEAR, y: y + height + CLEAR },
  ].map((point) => {
    const from = { x: point.x - a.x, y: point.y - a.y }
    return {
      point,
      along: from.x * direction.x + from.y * direction.y,
      aside: from.x * direction.y - from.y * direction.x,
    }
  })
  const sides = [corners.filter(({ aside }) => aside > 0), corners.filter(({ aside }) => aside <= 0)]
  const farthest = sides.map((side) => Math.max(...side.map(({ aside }) => Math.abs(aside))))
  const side = sides[(farthest[0] as number) <= (farthest[1] as number) ? 0 : 1] ?? []
  const way = side.sort((one, two) => one.along - two.along).map(({ point }) => point)
  // The corner in the middle of three is passed by itself if the line from the first to the last would cut it off.
  return way.length === 2 && !passes(a, way[1] as Point, { x, y, width, height }) ? way.slice(1) : way
}

const isWithin = (point: Point, { x, y, width, height }: Box): boolean =>
  point.x > x && point.x < x + width && point.y > y && point.y < y + height

const distance = (point: Point, { x, y, width, height }: Box): number =>
  Math.hypot(x + width / 2 - point.x, y + height / 2 - point.y)
