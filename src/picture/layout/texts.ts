// Where the texts of lines are: beside the line near its end, or upon its middle; never over a box or another text.
import type { Point } from '../../model/picture/point.js'
import type { Box, PlacedText } from '../../model/picture/sheet.js'
import { Cells, overlaps } from './cells.js'
import { along, lengthOf } from './geometry.js'
import type { Arrangement, Net } from './net.js'
import { Segments } from './segments.js'
import { boxOf } from './separate.js'
import type { Size } from './text-size.js'

export interface LineTexts {
  ends: [PlacedText | null, PlacedText | null]
  middle: PlacedText | null
}

export interface Texts {
  /** In the order of the ties. */
  lines: LineTexts[]
  /** The number of texts that had no room. */
  missing: number
  /** The number of texts that lines pass through. */
  crossed: number
  /** How many lines are near the texts of other ends; those that are as near as their own line count more. */
  unclear: number
}

/** Between a text and its line. */
const BESIDE = 3
/** Other lines are farther from it than this, lest it seem to be theirs. */
const CLEAR = 6
const STEP = 5
/** In larger nets, of which not all places can be looked at, the best of the first few is taken. */
const LARGE = 300
const FEW = 12
/** The farthest that a text is from its end, in shares of the line. */
const FARTHEST = 0.55
/** What a text costs that a line passes through, one to which another line is near, and one to which it is as near as its own. */
const COSTS = { crossed: 16, unclear: 1, nearer: 3 }

/**
 * @param middles the lines of text at the middles of the ties, in their order
 * @param occupied where no text may be
 */
export function placeTexts(
  net: Net,
  { places, hung }: Arrangement,
  ways: readonly Point[][],
  middles: readonly string[][],
  occupied: readonly Box[],
): Texts {
  const taken = new Cells(120)
  const segments = new Segments()
  let count = 0
  const take = (box: Box): void => taken.add(count++, box)
  for (const place of places) take(boxOf(place, 2))
  for (const box of occupied) take(box)
  for (const [number, points] of ways.entries()) segments.add(number, points)
  const tries = net.ties.length > LARGE ? FEW : Number.POSITIVE_INFINITY
  let missing = 0
  let crossed = 0
  let unclear = 0

  /** How bad a place is: the lines that pass through a text, and the other lines near the text of an end. */
  const costOf = (box: Box, own: number, isEnd: boolean): number => {
    const through = segments.through(box)
    const others = [...through].filter((line) => isEnd || line !== own).length
    if (!isEnd) return COSTS.crossed * others
    const near = (distance: number) =>
      [...segments.through(larger(box, distance))].filter((line) => line !== own && !through.has(line)).length
    const unclear = near(CLEAR)
    return COSTS.crossed * others + COSTS.unclear * unclear + (unclear === 0 ? 0 : COSTS.nearer * near(BESIDE))
  }

  /** The first candidate without cost, else the one with the least. */
  const roomFor = (candidates: Iterable<Box>, own: number, isEnd: boolean): Box | null => {
    let best: Box | null = null
    let least = Number.POSITIVE_INFINITY
    let looked = 0
    for (const box of candidates) {
      if (taken.near(box).size > 0) continue
      if (++looked > tries && best) break
      const cost = costOf(box, own, isEnd)
      if (cost >= least) continue
      best = box
      least = cost
      if (cost === 0) break
    }
    if (best) take(best)
    else missing++
    if (best && least >= COSTS.crossed) crossed++
    else if (best) unclear += least
    return best
  }

  const middle = net.ties.map((tie, number) => {
    const lines = middles[number] ?? []
    if (lines.length === 0) return null
    const box = roomFor(upon(ways[number] ?? [], tie.middle), number, false)
    return box && { lines, box }
  })
  const lines = net.ties.map((tie, number): LineTexts => {
    const way = ways[number] ?? []
    const ends = ([0, 1] as const).map((side) => {
      const text = tie.endTexts[side]
      if (text.length === 0) return null
      const box = roomFor(beside(fromEnd(way, side, hung.get(tie.edge)), tie.endSizes[side]), number, true)
      return box && { lines: text, box }
    }) as LineTexts['ends']
    return { ends, middle: middle[number] ?? null }
  })
  return { lines, missing, crossed, unclear }
}

/** The way from one of its ends on; of a tie of a comb, the last piece, from the one or the other side. */
function fromEnd(way: readonly Point[], side: 0 | 1, hung: 0 | 1 | undefined): readonly Point[] {
  if (hung === undefined) return side === 0 ? way : [...way].reverse()
  const [near, turn] = hung === 0 ? way : [...way].reverse()
  return (hung === side ? [near, turn] : [turn, near]) as Point[]
}

/** Boxes beside a line, from its start on, at most to a little after its middle. */
function* beside(points: readonly Point[], size: Size): Iterable<Box> {
  const length = lengthOf(points)
  for (let distance = 4; distance < Math.max(length * FARTHEST, 12); distance += STEP) {
    const { point, direction } = along(points, distance)
    const forward = (Math.abs(direction.x) * size.width + Math.abs(direction.y) * size.height) / 2
    const { point: centre, direction: there } = along(points, Math.min(distance + forward, length))
    if (distance + forward * 1.2 > length * FARTHEST + 20) return
    // Above lines that are flat, and to the right of those that are steep.
    const first = Math.abs(there.x) > Math.abs(there.y) ? (there.x > 0 ? -1 : 1) : there.y > 0 ? -1 : 1
    for (const side of [first, -first]) {
      const normal = { x: -there.y * side, y: there.x * side }
      const far = (Math.abs(normal.x) * size.width + Math.abs(normal.y) * size.height) / 2 + BESIDE
      const box = around(centre, normal, far, size)
      if (!overlaps(box, around(point, normal, 0, { width: 0, height: 0 }))) yield box
    }
  }
}

/** Boxes upon a line, from its middle outwards. */
function* upon(points: readonly Point[], size: Size): Iterable<Box> {
  const length = lengthOf(points)
  for (let aside = 0; aside < length / 2 - 10; aside += STEP) {
    for (const distance of aside === 0 ? [length / 2] : [length / 2 - aside, length / 2 + aside]) {
      yield around(along(points, distance).point, { x: 0, y: 0 }, 0, size)
    }
  }
}

const larger = ({ x, y, width, height }: Box, by: number): Box => ({
  ...{ x: x - by, y: y - by },
  ...{ width: width + 2 * by, height: height + 2 * by },
})

const around = ({ x, y }: Point, normal: Point, far: number, { width, height }: Size): Box => ({
  x: x + normal.x * far - width / 2,
  y: y + normal.y * far - height / 2,
  ...{ width, height },
})
