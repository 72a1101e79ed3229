// Bundles: the lines of one layer between the same two boxes. Each line has a place of its own at both boxes, and from there they spread,
// so that the texts of each have room between it and the next.
import type { Point } from '../../../model/picture/point.js'
import { at, type Net, type Tie } from '../net.js'
import type { Size } from '../text-size.js'

/** Between lines without texts. */
const APART = 14
/** Between a text and the line after it. */
const CLEAR = 10
/** Between the places of lines at a box, at least, and between the outermost ones and its corners. */
const LEAST = 9
const CORNER = 6

export interface Bundle {
  ties: Tie[]
  /** The size of the largest text at its lines. */
  text: Size
}

/** The bundle of each tie; of a tie that is alone, one of itself. */
export function bundlesOf(ties: readonly Tie[]): Map<Tie, Bundle> {
  const groups = new Map<string, Tie[]>()
  for (const tie of ties) {
    const key = [tie.edge.layer, ...[...tie.ends].sort((a, b) => a - b)].join(' ')
    const group = groups.get(key)
    if (group) group.push(tie)
    else groups.set(key, [tie])
  }
  return new Map(
    [...groups.values()].flatMap((group) => {
      const bundle = { ties: group, text: largest(group) }
      return group.map((tie): [Tie, Bundle] => [tie, bundle])
    }),
  )
}

function largest(ties: readonly Tie[]): Size {
  const sizes = ties.flatMap(({ endSizes, middle }) => [...endSizes, middle])
  return {
    width: Math.max(...sizes.map(({ width }) => width)),
    height: Math.max(...sizes.map(({ height }) => height)),
  }
}

/** How far apart the lines of a bundle are, so that texts fit between them. @param across the direction from one to the next, of length 1 */
export const spreadOf = ({ text }: Bundle, across: Point): number =>
  Math.max(APART, text.height === 0 ? 0 : Math.abs(across.x) * text.width + Math.abs(across.y) * text.height + CLEAR)

/** How far apart the lines of a bundle are if there is no room for their texts between them. */
export const NARROW = APART

/** How far apart the ends of `count` lines are at a box: all of them are on it, from whatever side they come. */
export const portPitch = ({ width, height }: Size, count: number): number =>
  count < 2 ? 0 : Math.min(APART, (Math.min(width, height) - 2 * CORNER) / (count - 1))

/** How far the one of several that are `pitch` apart is from their middle. */
export const aside = (number: number, count: number, pitch: number): number => (number - (count - 1) / 2) * pitch

/** The net with items that are large enough for the ends of the lines of their bundles. */
export function withPorts(net: Net): Net {
  const most = net.items.map(() => 0)
  for (const [{ ends }, bundle] of bundlesOf(net.ties)) {
    for (const end of ends) most[end] = Math.max(at(most, end), bundle.ties.length)
  }
  const items = net.items.map((item, number) => {
    const least = (at(most, number) - 1) * LEAST + 2 * CORNER
    return { ...item, width: Math.max(item.width, least), height: Math.max(item.height, least) }
  })
  return { ...net, items }
}
