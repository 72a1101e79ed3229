// Measures what is over what on a sheet, without the code that laid it out.
import type { Point } from '../../../../src/model/picture/point.js'
import type { Box, Sheet } from '../../../../src/model/picture/sheet.js'

export interface Overlaps {
  /** Pairs by name of what has an area in common: boxes, texts, frames, and boxes in frames of other groups. */
  overlaps: string[]
  /** Lines through boxes that are not at their ends, `LINE through NODE`. */
  hits: string[]
  crossings: number
  /** Ends of lines that are not at the edge of their box, `LINE at NODE`. */
  loose: string[]
  /** Texts that another line passes through, and texts of ends that their own line passes through. */
  crossed: string[]
  /** Texts of ends that are nearer to another line than to their own, and not crossed. */
  nearer: string[]
  /** What is not wholly on the sheet. */
  outside: string[]
}

/** All but the crossings of lines, of which some networks have more than none however they are drawn. */
export const CLEAN: Omit<Overlaps, 'crossings'> = {
  overlaps: [],
  hits: [],
  loose: [],
  crossed: [],
  nearer: [],
  outside: [],
}

interface Named extends Box {
  name: string
}

export function measure(sheet: Sheet): Overlaps {
  const nodes = sheet.nodes.map(({ node, box }) => ({ name: node.id, ...box }))
  const texts = sheet.lines.flatMap(({ id, endTexts, text }) =>
    [...endTexts, text].flatMap((each, number) => (each ? [{ name: `text ${number} of ${id}`, ...each.box }] : [])),
  )
  const legend = sheet.legend.map(({ text, box }) => ({ name: `legend ${text}`, ...box }))
  const frames = sheet.groups.map(({ group, box }) => ({ name: group.id, ...box }))
  const groupOf = new Map(sheet.nodes.map(({ node }) => [node.id, node.group]))
  const strangers = frames.flatMap((frame) =>
    nodes
      .filter((box) => overlap(frame, box) && groupOf.get(box.name) !== frame.name)
      .map((box) => `${box.name} in ${frame.name}`),
  )
  const outliers = sheet.nodes.flatMap(({ node, box }) => {
    const frame = frames.find(({ name }) => name === node.group)
    return frame && !isWithin(box, frame) ? [`${node.id} outside ${frame.name}`] : []
  })
  const isOutside = (box: Box) => !isWithin(box, { x: 0, y: 0, width: sheet.width, height: sheet.height })
  const points = sheet.lines.flatMap(({ id, points }) =>
    points.map(({ x, y }) => ({ name: id, x, y, width: 0, height: 0 })),
  )
  const all = [...nodes, ...texts, ...legend]
  return {
    overlaps: [...pairs(all), ...pairs(frames), ...strangers, ...outliers],
    hits: hitsOf(sheet, nodes),
    crossings: crossingsOf(sheet),
    loose: looseOf(sheet),
    ...strayTexts(sheet),
    outside: [...all, ...frames, ...points].filter(isOutside).map(({ name }) => name),
  }
}

/** Boxes that only touch do not overlap. */
const overlap = (a: Box, b: Box): boolean =>
  a.x + a.width - b.x > 0.15 && b.x + b.width - a.x > 0.15 && a.y + a.height - b.y > 0.15 && b.y + b.height - a.y > 0.15

const isWithin = (a: Box, b: Box): boolean =>
  a.x >= b.x - 0.15 &&
  a.y >= b.y - 0.15 &&
  a.x + a.width <= b.x + b.width + 0.15 &&
  a.y + a.height <= b.y + b.height + 0.15

/** Sweeps from left to right. */
function pairs(boxes: readonly Named[]): string[] {
  const sorted = [...boxes].sort((a, b) => a.x - b.x)
  const found: string[] = []
  let open: Named[] = []
  for (const box of sorted) {
    open = open.filter((other) => other.x + other.width > box.x)
    for (const other of open) if (overlap(other, box)) found.push(`${other.name} over ${box.name}`)
    open.push(box)
  }
  return found
}

function looseOf({ nodes, lines }: Sheet): string[] {
  const boxes = new Map(nodes.map(({ node, box }) => [node.id, box]))
  return lines.flatMap(({ id, ends, points }) =>
    [points[0], points.at(-1)].flatMap((point, number) => {
      const node = ends[number]?.node ?? ''
      const box = boxes.get(node)
      return point && box && Math.abs(outsideBy(point, box)) < 0.2 ? [] : [`${id} at ${node}`]
    }),
  )
}

function strayTexts({ lines }: Sheet): Pick<Overlaps, 'crossed' | 'nearer'> {
  const found: Pick<Overlaps, 'crossed' | 'nearer'> = { crossed: [], nearer: [] }
  for (const line of lines) {
    for (const [number, text] of [...line.endTexts, line.text].entries()) {
      if (!text) continue
      const name = `text ${number} of ${line.id}`
      const own = distanceOf(line.points, text.box)
      const others = lines.filter((other) => other !== line && isNear(other.points, text.box, own + 1))
      const nearest = Math.min(...others.map(({ points }) => distanceOf(points, text.box)))
      if (nearest === 0 || (number < 2 && own === 0)) found.crossed.push(name)
      else if (number < 2 && nearest < own) found.nearer.push(name)
    }
  }
  return found
}

/** Between a line and a box, by points of the line that are a unit apart; 0 inside the box, less half a unit at its edge. */
function distanceOf(points: readonly Point[], { x, y, width, height }: Box): number {
  let least = Number.POSITIVE_INFINITY
  for (const [a, b] of segmentsOf(points)) {
    const steps = Math.ceil(Math.hypot(b.x - a.x, b.y - a.y))
    for (let step = 0; step <= steps; step++) {
      const at = { x: a.x + ((b.x - a.x) * step) / steps, y: a.y + ((b.y - a.y) * step) / steps }
      const aside = Math.max(x + 0.5 - at.x, 0, at.x - x - width + 0.5)
      least = Math.min(least, Math.hypot(aside, Math.max(y + 0.5 - at.y, 0, at.y - y - height + 0.5)))
    }
  }
  return least
}

function isNear(points: readonly Point[], { x, y, width, height }: Box, by: number): boolean {
  const xs = points.map((point) => point.x)
  const ys = points.map((point) => point.y)
  return (
    Math.min(...xs) < x + width + by &&
    Math.max(...xs) > x - by &&
    Math.min(...ys) < y + height + by &&
    Math.max(...ys) > y - by
  )
}

/** How far a point is from the nearest edge of a box, along one axis; negative inside it. */
const outsideBy = (point: Point, { x, y, width, height }: Box): number =>
  Math.max(x - point.x, point.x - x - width, y - point.y, point.y - y - height)

function hitsOf(sheet: Sheet, nodes: readonly Named[]): string[] {
  return sheet.lines.flatMap(({ id, ends, points }) => {
    const own = new Set(ends.map(({ node }) => node))
    const segments = segmentsOf(points)
    return nodes
      .filter((box) => !own.has(box.name) && segments.some(([a, b]) => isThrough(a, b, box)))
      .map((box) => `${id} through ${box.name}`)
  })
}

const segmentsOf = (points: readonly Point[]): [Point, Point][] =>
  points.slice(1).map((point, number) => [points[number] as Point, point])

/** Whether any of a hundred points of a line is in a box. */
function isThrough(a: Point, b: Point, { x, y, width, height }: Box): boolean {
  if (Math.max(a.x, b.x) < x || Math.min(a.x, b.x) > x + width) return false
  if (Math.max(a.y, b.y) < y || Math.min(a.y, b.y) > y + height) return false
  return Array.from({ length: 101 }, (_, step) => ({
    x: a.x + ((b.x - a.x) * step) / 100,
    y: a.y + ((b.y - a.y) * step) / 100,
  })).some((point) => point.x > x + 0.5 && point.x < x + width - 0.5 && point.y > y + 0.5 && point.y < y + height - 0.5)
}

/** Pairs of lines that cross, each pair once. */
function crossingsOf({ lines }: Sheet): number {
  const all = lines.map(({ points }) => ({
    segments: segmentsOf(points),
    left: Math.min(...points.map(({ x }) => x)),
    right: Math.max(...points.map(({ x }) => x)),
  }))
  all.sort((a, b) => a.left - b.left)
  let count = 0
  for (const [number, line] of all.entries()) {
    for (let next = number + 1; next < all.length && (all[next]?.left as number) < line.right; next++) {
      if (line.segments.some(([a, b]) => all[next]?.segments.some(([c, d]) => cross(a, b, c, d)))) count++
    }
  }
  return count
}

function cross(a: Point, b: Point, c: Point, d: Point): boolean {
  const area = (p: Point, q: Point, r: Point) => (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x)
  return area(a, b, c) * area(a, b, d) < -1 && area(c, d, a) * area(c, d, b) < -1
}
