// The graph of a picture as the layouts see it: boxes with sizes, and ties between them, by number.
import type { PictureEdge, PictureGraph, PictureNode } from '../../model/picture/graph.js'
import type { PictureOptions } from '../../model/picture/options.js'
import type { Point } from '../../model/picture/point.js'
import { endLines, isOff } from '../graph/words.js'
import { FONT, LINE_HEIGHT, lineWidth, type Size, textSize } from './text-size.js'

export interface Item extends Size {
  id: string
  isBus: boolean
  isHost: boolean
}

/** A link or tunnel. */
export interface Tie {
  edge: PictureEdge
  /** The numbers of the items at its ends. */
  ends: [number, number]
  /** The lines of text at its ends, and their sizes. */
  endTexts: [string[], string[]]
  endSizes: [Size, Size]
  /** The size of the text at its middle. */
  middle: Size
}

export interface Net {
  items: Item[]
  ties: Tie[]
  /** Of each item those that it has links with, each once, in the order of the items. Tunnels count only if there are no links. */
  neighbours: number[][]
}

/** Where an item is: its centre, and its size, which a layout may make larger. */
export interface Place extends Point, Size {}

export interface Arrangement {
  /** In the order of the items. */
  places: Place[]
  /** The ties whose way the layout knows, from edge to edge. The others are straight where they can be. */
  routes: Map<PictureEdge, Point[]>
  /**
   * Ties of combs, with the end (0 or 1) that hangs. The texts of both ends are at the last piece of their way, since the lines of a
   * comb are too near each other before.
   */
  hung: Map<PictureEdge, 0 | 1>
}

export const emptyArrangement = (): Arrangement => ({ places: [], routes: new Map(), hung: new Map() })

/** Makes an arrangement of a connected net; null if the net has another structure. @param scale of the gaps, 1 or more */
export type Layout = (net: Net, scale: number) => Arrangement | null

/** The width of the drawing of a computer, a router or a switch before the name, with the gap after it. */
export const ICON_WIDTH = 22
const PADDING = { x: 10, y: 8 }

export function netOf(graph: PictureGraph, options: PictureOptions): Net {
  const numbers = new Map(graph.nodes.map((node, number) => [node.id, number]))
  const items = graph.nodes.map((node) => ({
    ...{ id: node.id, isBus: node.isBus, isHost: node.kind === 'host' },
    ...nodeSize(node),
  }))
  const ties = graph.edges.flatMap((edge): Tie[] => {
    const [a, b] = edge.ends.map(({ node }) => numbers.get(node))
    if (a === undefined || b === undefined || a === b) return []
    const endTexts = edge.ends.map((end) => endLines(end, options.labels)) as Tie['endTexts']
    const endSizes = endTexts.map((lines) => textSize(lines)) as Tie['endSizes']
    return [{ edge, ends: [a, b], endTexts, endSizes, middle: textSize(middleLines(edge)) }]
  })
  return { items, ties, neighbours: neighboursOf(items.length, ties) }
}

/** What is written in the box of a node: a state that is not as it should be comes last. */
export const nodeLines = ({ lines, status }: PictureNode): string[] =>
  status === 'dead' || status === 'paused' ? [...lines, status] : lines

function nodeSize(node: PictureNode): Size {
  const [name = '', ...details] = nodeLines(node)
  const text = Math.max(
    lineWidth(name, FONT.name) + ICON_WIDTH,
    ...details.map((line) => lineWidth(line, FONT.detail)),
    24,
  )
  const height = FONT.name * LINE_HEIGHT + details.length * FONT.detail * LINE_HEIGHT
  return { width: Math.ceil(text + 2 * PADDING.x), height: Math.ceil(height + (node.isBus ? 6 : 2 * PADDING.y)) }
}

/** What is written at the middle of a line: what is wrong with it, and what it does to frames. */
export const middleLines = ({ state, labels }: PictureEdge): string[] => [...(isOff(state) ? [state] : []), ...labels]

/** The ties that make the structure: the links; if there are none, the tunnels. */
export function linksOf(ties: readonly Tie[]): readonly Tie[] {
  const links = ties.filter(({ edge }) => edge.layer === 'underlay')
  return links.length > 0 ? links : ties
}

function neighboursOf(count: number, ties: readonly Tie[]): number[][] {
  const sets = Array.from({ length: count }, () => new Set<number>())
  for (const { ends } of linksOf(ties)) {
    sets[ends[0]]?.add(ends[1])
    sets[ends[1]]?.add(ends[0])
  }
  return sets.map((set) => [...set].sort((a, b) => a - b))
}

/** The net of some of the items, numbered in the order in which they are given. */
export function partOf(net: Net, members: readonly number[], ties: readonly Tie[] = net.ties): Net {
  const numbers = new Map(members.map((member, number) => [member, number]))
  const kept = ties.flatMap((tie): Tie[] => {
    const [a, b] = tie.ends.map((end) => numbers.get(end))
    return a === undefined || b === undefined ? [] : [{ ...tie, ends: [a, b] }]
  })
  return {
    items: members.map((member) => net.items[member] as Item),
    ties: kept,
    neighbours: neighboursOf(members.length, kept),
  }
}

/** A net of boxes that stand for several items each, in the order of the parts, with the ties between different ones. */
export function netOfParts(net: Net, parts: readonly (readonly number[])[], sizes: readonly Size[]): Net {
  const partOfItem = new Map(parts.flatMap((members, part) => members.map((member) => [member, part] as const)))
  const ties = net.ties.flatMap((tie): Tie[] => {
    const [a, b] = tie.ends.map((end) => partOfItem.get(end))
    return a === undefined || b === undefined || a === b ? [] : [{ ...tie, ends: [a, b] }]
  })
  const items = parts.map((members, part): Item => {
    const [only, ...more] = members
    const { width, height } = at(sizes, part)
    const item = at(net.items, only as number)
    return more.length === 0 ? { ...item, width, height } : { id: item.id, isBus: false, isHost: false, width, height }
  })
  return { items, ties, neighbours: neighboursOf(items.length, ties) }
}

/** The parts of a net that are connected, as lists of numbers, in the order of the items. */
export function components({ neighbours }: Net): number[][] {
  const found: number[][] = []
  const seen = new Set<number>()
  for (let start = 0; start < neighbours.length; start++) {
    if (seen.has(start)) continue
    const members = [start]
    seen.add(start)
    for (const member of members) {
      for (const next of neighbours[member] ?? []) {
        if (!seen.has(next)) members.push(next)
        seen.add(next)
      }
    }
    found.push(members.sort((a, b) => a - b))
  }
  return found
}

/** The number of ties from each item to the nearest of `starts`; Infinity where there is no way. */
export function distances({ neighbours }: Pick<Net, 'neighbours'>, starts: readonly number[]): number[] {
  const distance = neighbours.map(() => Number.POSITIVE_INFINITY)
  for (const start of starts) distance[start] = 0
  const queue = [...starts]
  for (const item of queue) {
    for (const next of neighbours[item] ?? []) {
      if (distance[next] !== Number.POSITIVE_INFINITY) continue
      distance[next] = (distance[item] as number) + 1
      queue.push(next)
    }
  }
  return distance
}

/** An item for each number. */
export const at = <T>(list: readonly T[], number: number): T => list[number] as T
