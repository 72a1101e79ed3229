// Nodes with one neighbour, hung below it: side by side if they are few, else as a comb, whose lines run down between two columns of
// boxes without crossing each other.
import type { Point } from '../../model/picture/graph.js'
import { type Arrangement, at, type Net, type Tie } from './net.js'

/** The gap between boxes that hang side by side. */
export const GAP = 16
/** More than these hang as a comb. */
const ROW = 6
const BUS_ROW = 12
/** The most boxes above each other in a column of a comb. */
const COLUMN = 16
/** Between the lines of a comb. */
const LANE = 4

/** A block of hung nodes. */
export interface Hanging {
  width: number
  height: number
  /** The width that the lines need at the lower edge of the neighbour. */
  span: number
  /** Puts the block where its middle is at `x` and its upper edge at `y`; the lines begin at `from`, which is at its middle as a rule. */
  put(arrangement: Arrangement, x: number, y: number, from: Point): void
}

/** Hangs the nodes `leaves` below `parent`. */
export function hang(net: Net, parent: number, leaves: readonly number[], scale: number): Hanging {
  const ties = tiesByLeaf(net, parent, leaves)
  const most = at(net.items, parent).isBus ? BUS_ROW : ROW
  if (leaves.length <= most) return row(net, leaves, ties, at(net.items, parent).isBus, scale)
  const combs = Math.ceil(leaves.length / (2 * COLUMN))
  const size = Math.ceil(leaves.length / combs)
  return beside(
    Array.from({ length: combs }, (_, number) => leaves.slice(number * size, (number + 1) * size))
      .filter((some) => some.length > 0)
      .map((some) => comb(net, some, ties, scale)),
  )
}

/** The height that the texts of ties need between two rows of boxes. */
export function rowGap(ties: readonly Tie[], scale: number): number {
  const heights = ties.map(({ endSizes, middle }) => endSizes[0].height + endSizes[1].height + middle.height)
  return Math.round((36 + Math.max(0, ...heights)) * scale)
}

function tiesByLeaf(net: Net, parent: number, leaves: readonly number[]): Map<number, Tie[]> {
  const ties = new Map(leaves.map((leaf): [number, Tie[]] => [leaf, []]))
  for (const tie of net.ties) {
    if (!tie.ends.includes(parent)) continue
    ties.get(tie.ends[0])?.push(tie)
    ties.get(tie.ends[1])?.push(tie)
  }
  return ties
}

/** The width of the text at one end of a tie. */
export const textWidth = (tie: Tie, item: number): number => tie.endSizes[tie.ends[0] === item ? 0 : 1].width

function row(net: Net, leaves: readonly number[], ties: Map<number, Tie[]>, isBus: boolean, scale: number): Hanging {
  const widths = leaves.map((leaf) => {
    const texts = (ties.get(leaf) ?? []).map((tie) => Math.max(tie.endSizes[0].width, tie.endSizes[1].width) + 10)
    return (
      Math.max(
        at(net.items, leaf).width,
        texts.reduce((sum, width) => sum + width, 0),
      ) +
      GAP * scale
    )
  })
  const width = widths.reduce((sum, each) => sum + each, 0)
  const lanes = leaves.reduce((sum, leaf) => sum + (ties.get(leaf)?.length ?? 0), 0)
  const pitch = Math.min(14, 60 / lanes)
  const first = (widths[0] ?? 0) / 2
  const last = (widths.at(-1) ?? 0) / 2
  return {
    width,
    height: Math.max(...leaves.map((leaf) => at(net.items, leaf).height)),
    span: isBus ? width - 2 * Math.min(first, last) + 24 : (lanes - 1) * pitch + 12,
    put({ places, routes }, x, y, from) {
      let left = x - width / 2
      let lane = 0
      for (const [number, leaf] of leaves.entries()) {
        const item = at(net.items, leaf)
        const centre = left + at(widths, number) / 2
        places[leaf] = { x: centre, y: y + item.height / 2, width: item.width, height: item.height }
        const own = ties.get(leaf) ?? []
        for (const [copy, tie] of own.entries()) {
          const end = { x: centre + (copy - (own.length - 1) / 2) * 14, y }
          const start = isBus ? { x: end.x, y: from.y } : { x: from.x + (lane - (lanes - 1) / 2) * pitch, y: from.y }
          routes.set(tie.edge, directed(tie, leaf, [end, start]))
          lane++
        }
        left += at(widths, number)
      }
    },
  }
}

/** The way of a tie from its first end to its second. @param way from `item` */
export const directed = (tie: Tie, item: number, way: Point[]): Point[] =>
  tie.ends[0] === item ? way : [...way].reverse()

function comb(net: Net, leaves: readonly number[], ties: Map<number, Tie[]>, scale: number): Hanging {
  const half = Math.ceil(leaves.length / 2)
  const sides = [leaves.slice(0, half), leaves.slice(half)].map((members) => ({
    members,
    lanes: members.reduce((sum, leaf) => sum + (ties.get(leaf)?.length ?? 0), 0),
    width: Math.max(...members.map((leaf) => at(net.items, leaf).width)),
    stub: 14 + Math.max(10, ...members.flatMap((leaf) => (ties.get(leaf) ?? []).map((tie) => textWidth(tie, leaf)))),
  }))
  const texts = leaves.flatMap((leaf) =>
    (ties.get(leaf) ?? []).map((tie) => at(tie.endSizes, tie.ends[0] === leaf ? 0 : 1).height),
  )
  const pitch = Math.round(
    Math.max(...leaves.map((leaf) => at(net.items, leaf).height)) + 8 * scale + Math.max(0, Math.max(0, ...texts) - 18),
  )
  const lanes = Math.max(...sides.map((side) => side.lanes))
  const reach = (side: { stub: number; width: number }) => lanes * LANE + side.stub * scale + side.width
  const width = 2 * Math.max(...sides.map(reach)) + GAP * 2
  return {
    width,
    height: half * pitch,
    span: 2 * lanes * LANE + 8,
    put({ places, routes }, x, y, from) {
      for (const [number, side] of sides.entries()) {
        const sign = number === 0 ? -1 : 1
        // The outermost line turns to the first box, so that no line crosses another.
        let lane = lanes - 1
        for (const [number, leaf] of side.members.entries()) {
          const item = at(net.items, leaf)
          const near = x + sign * (lanes * LANE + side.stub * scale)
          const middle = y + number * pitch + pitch / 2
          places[leaf] = { ...{ width: item.width, height: item.height }, x: near + (sign * item.width) / 2, y: middle }
          const own = ties.get(leaf) ?? []
          for (const [copy, tie] of own.entries()) {
            const across = sign * (lane + 0.5) * LANE
            const level = middle + (copy - (own.length - 1) / 2) * 10
            const turns = [
              { x: near, y: level },
              { x: x + across, y: level },
            ]
            const top = from.x === x ? [] : [{ x: x + across, y: y - 6 }]
            routes.set(tie.edge, directed(tie, leaf, [...turns, ...top, { x: from.x + across, y: from.y }]))
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
