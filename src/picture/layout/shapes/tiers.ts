// Tiers: hosts at the bottom, above them what they are connected to, and so on up to the core. Every tie is in one tier or between two
// that are next to each other, since a tier is the distance to the nearest host.

import type { Point } from '../../../model/picture/point.js'
import { GAP, type Hanging, hang, rowGap } from '../hanging.js'
import { type Arrangement, at, distances, emptyArrangement, linksOf, type Net, type Place, type Tie } from '../net.js'
import { peel } from '../peel.js'
import { order, type RowItem, spread } from '../rows.js'

/** Tiers where no ties are between nodes of one tier, and the upmost has several nodes: spines and leaves, Clos networks, fat trees. */
export function tiers(net: Net, scale: number): Arrangement | null {
  const { core } = peel(net)
  const levels = levelsOf(net)
  const isLayered = linksOf(net.ties).every(({ ends }) => at(levels, ends[0]) !== at(levels, ends[1]))
  const top = Math.max(...levels)
  const hasCore = levels.filter((level) => level === top).length > 1 || core.items.length > 4
  return isLayered && hasCore && top > 0 ? layered(net, scale) : null
}

/** Whether there are three tiers or more, hosts included, and few ties are within one. */
export function isHierarchy(net: Net): boolean {
  const levels = levelsOf(net)
  const links = linksOf(net.ties)
  const within = links.filter(({ ends }) => at(levels, ends[0]) === at(levels, ends[1])).length
  return net.items.some(({ isHost }) => isHost) && Math.max(...levels) >= 2 && within <= links.length / 6
}

/** Tiers of any net. */
export function layered(net: Net, scale: number): Arrangement {
  const wide = new Rows(net, scale, false)
  return (wide.width <= WIDEST ? wide : new Rows(net, scale, true)).arrangement()
}

/** Wider sheets than this have their hosts in columns. */
const WIDEST = 2600

/** The things in rows: the core, and for each of its nodes the block of those that hang from it. */
class Rows {
  private readonly items: RowItem[] = []
  private readonly rows: number[][] = []
  private readonly members: number[]
  private readonly blocks = new Map<number, { block: Hanging; parent: number }>()
  private readonly levels: number[]

  constructor(
    private readonly net: Net,
    private readonly scale: number,
    isNarrow: boolean,
  ) {
    const { members, leaves } = peel(net)
    this.members = members
    this.levels = levelsOf(net)
    const top = Math.max(...members.map((member) => at(this.levels, member)))
    const rowOf = (number: number): number[] => {
      const row = this.rows[number] ?? []
      this.rows[number] = row
      return row
    }
    for (const [number, member] of members.entries()) {
      rowOf(top - at(this.levels, member)).push(number)
      this.items.push({ width: at(net.items, member).width, neighbours: [] })
    }
    for (const [number, member] of members.entries()) {
      const own = at(leaves, number)
      if (own.length === 0) continue
      const block = hang(net, member, own, scale, isNarrow)
      const item = this.items.length
      rowOf(top - at(this.levels, member) + 1).push(item)
      this.blocks.set(item, { block, parent: number })
      this.items.push({ width: block.width, neighbours: [number], anchor: { item: number, offset: -block.offset } })
      const parent = at(this.items, number)
      const width = Math.max(parent.width, block.span)
      this.items[number] = { width, neighbours: [...parent.neighbours, item], anchor: { item, offset: block.offset } }
    }
    const numbers = new Map(members.map((member, number) => [member, number]))
    for (const { ends } of linksOf(net.ties)) {
      const [a, b] = ends.map((end) => numbers.get(end))
      if (a === undefined || b === undefined || at(this.levels, ends[0]) === at(this.levels, ends[1])) continue
      this.items[a]?.neighbours.push(b)
      this.items[b]?.neighbours.push(a)
    }
  }

  /** Of the widest row. */
  get width(): number {
    const widths = this.rows.map((row) => row.reduce((sum, item) => sum + at(this.items, item).width + GAP, 0))
    return Math.max(...widths)
  }

  arrangement(): Arrangement {
    const { net, items, members, blocks, scale } = this
    const ordered = order(items, this.rows)
    const widest = Math.max(0, ...net.ties.flatMap(({ endSizes }) => endSizes.map(({ width }) => width)))
    // Texts are beside lines that are steep; in wide pictures, those of several lines find room at different heights.
    const x = spread(items, ordered, (this.width > WIDEST / 2 ? GAP * 1.8 : GAP + 0.7 * widest) * scale)
    const arrangement = emptyArrangement()
    let y = 0
    for (const [number, row] of ordered.entries()) {
      const boxes = row.filter((number) => !blocks.has(number))
      const high = Math.max(0, ...boxes.map((number) => at(net.items, at(members, number)).height))
      for (const number of row) {
        const hanging = blocks.get(number)
        if (hanging) {
          const place = at(arrangement.places, at(members, hanging.parent))
          hanging.block.put(arrangement, at(x, number), y, { x: place.x, y: place.y + place.height / 2 })
        } else {
          const { height } = at(net.items, at(members, number))
          const { width } = at(items, number)
          arrangement.places[at(members, number)] = { x: at(x, number), y: y + high / 2, width, height }
        }
      }
      y +=
        Math.max(high, ...row.map((number) => blocks.get(number)?.block.height ?? 0)) +
        this.gapBelow(row, ordered[number + 1] ?? [], x)
    }
    for (const row of ordered) this.widenBars(row, arrangement)
    ports(net, this.levels, members, arrangement)
    return arrangement
  }

  /** Makes bars as wide as what is above and below them, where there is room. */
  private widenBars(row: readonly number[], { places }: Arrangement): void {
    const boxes = row.filter((number) => !this.blocks.has(number)).map((number) => at(this.members, number))
    for (const [position, item] of boxes.entries()) {
      if (!at(this.net.items, item).isBus) continue
      const place = at(places, item)
      const before = places[boxes[position - 1] ?? -1]
      const after = places[boxes[position + 1] ?? -1]
      const others = at(this.net.neighbours, item).map((other) => at(places, other).x)
      const left = Math.max(
        Math.min(place.x - place.width / 2, ...others.map((x) => x - 14)),
        before ? before.x + before.width / 2 + 2 * GAP : Number.NEGATIVE_INFINITY,
      )
      const right = Math.min(
        Math.max(place.x + place.width / 2, ...others.map((x) => x + 14)),
        after ? after.x - after.width / 2 - 2 * GAP : Number.POSITIVE_INFINITY,
      )
      places[item] = { ...place, x: (left + right) / 2, width: right - left }
    }
  }

  /** Lines that go far to the side need more height. */
  private gapBelow(row: readonly number[], next: readonly number[], x: readonly number[]): number {
    const { items, net, scale } = this
    const below = new Set(next.filter((number) => !this.blocks.has(number)))
    const ties = row.map((number) => at(items, number).neighbours.filter((other) => below.has(other)))
    const reach = ties.flatMap((others, position) =>
      others.map((other) => Math.abs(at(x, other) - at(x, at(row, position)))),
    )
    const most = Math.max(0, ...ties.map((others) => others.length))
    return rowGap(net.ties, scale) + Math.min(600, Math.max(0, ...reach) * 0.14 + 4 * most) * scale
  }
}

/** The distance of each item to the nearest host; without hosts, to the nearest of those with the fewest neighbours. */
function levelsOf(net: Net): number[] {
  const hosts = net.items.flatMap(({ isHost }, item) => (isHost ? [item] : []))
  if (hosts.length > 0) return distances(net, hosts)
  const fewest = Math.min(...net.neighbours.map((others) => others.length))
  return distances(
    net,
    net.neighbours.flatMap((others, item) => (others.length === fewest ? [item] : [])),
  )
}

/** Lets the ties between two tiers end at places of their own of each box. */
function ports(net: Net, levels: readonly number[], members: readonly number[], { places, routes }: Arrangement): void {
  const isMember = new Set(members)
  const starts = new Map<Tie, [Point | null, Point | null]>()
  const sides = members.flatMap((member) => [
    { member, down: [] as Tie[], isUp: true },
    { member, down: [] as Tie[], isUp: false },
  ])
  const sideOf = new Map(sides.map((side) => [side.member * 2 + (side.isUp ? 1 : 0), side]))
  for (const tie of linksOf(net.ties)) {
    const [a, b] = tie.ends
    if (!isMember.has(a) || !isMember.has(b) || at(levels, a) === at(levels, b)) continue
    starts.set(tie, [null, null])
    sideOf.get(a * 2 + (at(levels, b) > at(levels, a) ? 1 : 0))?.down.push(tie)
    sideOf.get(b * 2 + (at(levels, a) > at(levels, b) ? 1 : 0))?.down.push(tie)
  }
  for (const { member, down, isUp } of sides) {
    const place = at(places, member)
    const other = (tie: Tie): Place => at(places, tie.ends[0] === member ? tie.ends[1] : tie.ends[0])
    const pitch = Math.min(20, (place.width - 20) / Math.max(1, down.length - 1))
    const sorted = [...down].sort((one, two) => other(one).x - other(two).x)
    for (const [rank, tie] of sorted.entries()) {
      const x = at(net.items, member).isBus
        ? clamp(other(tie).x, place)
        : place.x + (rank - (sorted.length - 1) / 2) * pitch
      const pair = starts.get(tie)
      if (pair) pair[tie.ends[0] === member ? 0 : 1] = { x, y: place.y + ((isUp ? -1 : 1) * place.height) / 2 }
    }
  }
  for (const [tie, [start, end]] of starts) if (start && end) routes.set(tie.edge, [start, end])
}

const clamp = (x: number, { x: middle, width }: Place): number =>
  Math.min(Math.max(x, middle - width / 2 + 8), middle + width / 2 - 8)
