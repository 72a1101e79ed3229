// Nodes with one neighbour, hung below it: side by side, or as a comb, whose lines run down beside or between columns of boxes without
// crossing each other.
import type { Point } from '../../model/picture/point.js'
import { aside, bundlesOf, portPitch, spreadOf } from './lines/bundles.js'
import { type Arrangement, at, linksOf, type Net, type Tie } from './net.js'

/** The gap between boxes that hang side by side. */
export const GAP = 16
/** More than these hang as a comb. */
const ROW = 6
const BUS_ROW = 12
/** More than these hang in two columns, where there is no room for rows. */
const NARROW = 12
/** The most boxes above each other in a column of a comb: these, or so many more that blocks are not much wider than high. */
const COLUMN = 16
const columnOf = (count: number): number => Math.max(COLUMN, Math.ceil(1.2 * Math.sqrt(count)))
/** Between the lines of a comb. */
const LANE = 5

/** The height in which lines spread. */
const TURN = 18
/** Texts up to this width are names of interfaces. */
const NARROW_TEXT = 40

/** A block of hung nodes. */
export interface Hanging {
  width: number
  height: number
  /** The width that the lines need at the lower edge of the neighbour. */
  span: number
  /** How far the middle of the neighbour should be to the right of the middle of the block. */
  offset: number
  /** Puts the block where its middle is at `x` and its upper edge at `y`; the middle of the lower edge of the neighbour is `from`. */
  put(arrangement: Arrangement, x: number, y: number, from: Point): void
}

/** Hangs the nodes `leaves` below `parent`. @param isNarrow rather high than wide */
export function hang(net: Net, parent: number, leaves: readonly number[], scale: number, isNarrow = false): Hanging {
  const hung = { net, leaves, ties: tiesByLeaf(net, parent, leaves), isBus: at(net.items, parent).isBus, scale }
  if (leaves.length <= (isNarrow ? 1 : hung.isBus ? BUS_ROW : ROW)) return row(hung)
  const columns = isNarrow && leaves.length <= NARROW ? 1 : 2
  const combs = Math.ceil(leaves.length / (2 * columnOf(leaves.length)))
  const size = Math.ceil(leaves.length / combs)
  const parts = Array.from({ length: combs }, (_, number) => leaves.slice(number * size, (number + 1) * size))
  return beside(parts.map((part) => comb({ ...hung, leaves: part }, columns)))
}

interface Hung {
  net: Net
  leaves: readonly number[]
  /** The ties of each leaf. */
  ties: Map<number, Tie[]>
  isBus: boolean
  scale: number
}

/** The height that the texts of ties need between two rows of boxes. */
export function rowGap(ties: readonly Tie[], scale: number): number {
  const heights = ties.map(({ endSizes, middle }) => endSizes[0].height + endSizes[1].height + middle.height)
  return Math.round((36 + Math.max(0, ...heights)) * scale)
}

function tiesByLeaf(net: Net, parent: number, leaves: readonly number[]): Map<number, Tie[]> {
  const ties = new Map(leaves.map((leaf): [number, Tie[]] => [leaf, []]))
  for (const tie of linksOf(net.ties)) {
    if (!tie.ends.includes(parent)) continue
    ties.get(tie.ends[0])?.push(tie)
    ties.get(tie.ends[1])?.push(tie)
  }
  return ties
}

function row({ net, leaves, ties, isBus, scale }: Hung): Hanging {
  const spreads = leaves.map((leaf) => {
    const [bundle] = bundlesOf(ties.get(leaf) ?? []).values()
    return bundle ? spreadOf(bundle, { x: 1, y: 0 }) : 0
  })
  const counts = leaves.map((leaf) => ties.get(leaf)?.length ?? 0)
  const widths = leaves.map(
    (leaf, number) => Math.max(at(net.items, leaf).width, at(counts, number) * at(spreads, number)) + GAP * scale,
  )
  const width = widths.reduce((sum, each) => sum + each, 0)
  const lanes = counts.reduce((sum, count) => sum + count, 0)
  const insets = widths.map((each, number) => each / 2 + aside(0, at(counts, number), at(spreads, number)))
  // Lines that run apart all the way leave no room for wide texts beside those in the middle.
  const texts = leaves.flatMap((leaf) =>
    (ties.get(leaf) ?? []).map((tie) => tie.endSizes[tie.ends[0] === leaf ? 1 : 0]),
  )
  const isKneed = !isBus && lanes > 1 && texts.some((text) => text.width > NARROW_TEXT)
  const lanePitch = lanes > 4 ? 60 / lanes : 14
  return {
    width,
    height: Math.max(...leaves.map((leaf) => at(net.items, leaf).height)),
    offset: 0,
    span: isBus
      ? width - 2 * Math.min(at(insets, 0), at(insets, insets.length - 1)) + 24
      : (lanes - 1) * lanePitch + 12,
    put({ places, routes }, x, y, from) {
      let left = x - width / 2
      let lane = 0
      for (const [number, leaf] of leaves.entries()) {
        const { width, height } = at(net.items, leaf)
        const centre = left + at(widths, number) / 2
        places[leaf] = { x: centre, y: y + height / 2, width, height }
        const own = ties.get(leaf) ?? []
        const spread = at(spreads, number)
        const pitch = portPitch({ width, height }, own.length)
        for (const [copy, tie] of own.entries()) {
          const end = { x: centre + aside(copy, own.length, pitch), y }
          const column = centre + aside(copy, own.length, spread)
          const turns = [...(own.length > 1 ? [y - TURN] : []), ...(own.length > 1 || isKneed ? [from.y + TURN] : [])]
          const way = [end, ...turns.map((level) => ({ x: column, y: level }))]
          const start = { x: isBus ? column : from.x + aside(lane, lanes, lanePitch), y: from.y }
          routes.set(tie.edge, directed(tie, leaf, [...way, start]))
          lane++
        }
        left += at(widths, number)
      }
    },
  }
}

/** The way of a tie from its first end to its second. @param way from `item` */
const directed = (tie: Tie, item: number, way: Point[]): Point[] => (tie.ends[0] === item ? way : [...way].reverse())

function comb({ net, leaves, ties, scale }: Hung, columns: 1 | 2): Hanging {
  const rows = Math.ceil(leaves.length / columns)
  const sides = [leaves.slice(0, rows), leaves.slice(rows)].slice(0, columns)
  const all = leaves.flatMap((leaf) => ties.get(leaf) ?? [])
  const lanes = Math.max(...sides.map((side) => side.reduce((sum, leaf) => sum + (ties.get(leaf)?.length ?? 0), 0)))
  const widest = Math.max(...leaves.map((leaf) => at(net.items, leaf).width))
  // The text of one end is above the line, that of the other below.
  const stub =
    Math.max(...all.map(({ endSizes, middle }) => Math.max(endSizes[0].width, endSizes[1].width) + middle.width)) + 26
  const texts = Math.max(...all.map(({ endSizes }) => endSizes[0].height + endSizes[1].height))
  const copies = Math.max(...leaves.map((leaf) => ties.get(leaf)?.length ?? 0))
  const high = Math.max(...leaves.map((leaf) => at(net.items, leaf).height))
  const pitch = Math.max(high + 8 * scale, (texts + 8) * copies)
  const trunk = lanes * LANE
  const reach = trunk + stub + widest
  // One column is to the right of its lines.
  const start = columns === 1 ? trunk / 2 - reach / 2 : 0
  return {
    width: columns * reach + GAP * 1.5,
    height: rows * pitch,
    offset: start,
    span: columns * trunk + 16,
    put({ places, routes, hung }, x, y, from) {
      const isBelow = Math.abs(from.x - x - start) < 1
      for (const [number, members] of sides.entries()) {
        const sign = columns === 2 && number === 0 ? -1 : 1
        // The outermost line turns to the first box, so that no line crosses another.
        let lane = lanes - 1
        for (const [number, leaf] of members.entries()) {
          const { width, height } = at(net.items, leaf)
          const near = x + start + sign * ((columns === 1 ? trunk / 2 : trunk) + stub)
          const middle = y + number * pitch + pitch / 2
          places[leaf] = { ...{ width, height }, x: near + (sign * width) / 2, y: middle }
          const own = ties.get(leaf) ?? []
          for (const [copy, tie] of own.entries()) {
            const across = columns === 1 ? aside(lane, lanes, LANE) : sign * (lane + 0.5) * LANE
            const level = middle + aside(copy, own.length, texts + 6)
            const turns = [
              { x: near, y: level },
              { x: x + start + across, y: level },
            ]
            const top = isBelow ? [] : [{ x: x + start + across, y: y - 6 }]
            routes.set(tie.edge, directed(tie, leaf, [...turns, ...top, { x: from.x + across, y: from.y }]))
            hung.set(tie.edge, tie.ends[0] === leaf ? 0 : 1)
            lane--
          }
        }
      }
    },
  }
}

/** Blocks side by side. */
function beside(blocks: readonly Hanging[]): Hanging {
  if (blocks.length === 1) return blocks[0] as Hanging
  const width = blocks.reduce((sum, block) => sum + block.width, 0)
  return {
    width,
    height: Math.max(...blocks.map((block) => block.height)),
    offset: 0,
    span: width - at(blocks, 0).width + at(blocks, 0).span,
    put(arrangement, x, y, from) {
      let left = x - width / 2
      for (const block of blocks) {
        const middle = left + block.width / 2
        block.put(arrangement, middle, y, { x: middle + (from.x - x), y: from.y })
        left += block.width
      }
    },
  }
}
