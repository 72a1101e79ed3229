// Tiers: hosts at the bottom, above them what they are connected to, and so on up to the core. Every tie is in one tier or between two
// that are next to each other, since a tier is the distance to the nearest host.
import { GAP, type Hanging, hang, rowGap } from '../hanging.js'
import { type Arrangement, at, distances, type Net, type Place, type Tie } from '../net.js'
import { peel } from '../peel.js'
import { order, type RowItem, spread } from '../rows.js'

/** Tiers where no ties are between nodes of one tier, and the upmost has several nodes: spines and leaves, Clos networks, fat trees. */
export function tiers(net: Net, scale: number): Arrangement | null {
  const { core } = peel(net)
  const levels = levelsOf(net)
  const isLayered = net.ties.every(({ ends }) => at(levels, ends[0]) !== at(levels, ends[1]))
  const top = Math.max(...levels)
  const hasCore = levels.filter((level) => level === top).length > 1 || core.items.length > 4
  return isLayered && hasCore && top > 0 ? layered(net, scale) : null
}

/** Tiers of any net. */
export function layered(net: Net, scale: number): Arrangement {
  const { members, leaves } = peel(net)
  const levels = levelsOf(net)
  const top = Math.max(...members.map((member) => at(levels, member)))
  // The things in rows: the core, and for each of its nodes the block of those that hang from it.
  const rowItems: RowItem[] = []
  const rows: number[][] = Array.from({ length: top + 1 }, () => [])
  const hangings = new Map<number, { block: Hanging; parent: number }>()
  const numbers = new Map<number, number>()
  for (const member of members) {
    numbers.set(member, rowItems.length)
    at(rows, top - at(levels, member)).push(rowItems.length)
    rowItems.push({ width: at(net.items, member).width, neighbours: [] })
  }
  for (const [number, member] of members.entries()) {
    const own = at(leaves, number)
    if (own.length === 0) continue
    const block = hang(net, member, own, scale)
    const row = rows[top - at(levels, member) + 1] ?? []
    if (!rows.includes(row)) rows.push(row)
    row.push(rowItems.length)
    hangings.set(rowItems.length, { block, parent: number })
    rowItems.push({ width: block.width, neighbours: [number] })
    at(rowItems, number).neighbours.push(rowItems.length - 1)
    const widened = Math.max(at(rowItems, number).width, block.span)
    rowItems[number] = { ...at(rowItems, number), width: widened }
  }
  const ties = net.ties.filter(({ ends }) => ends.every((end) => numbers.has(end)))
  for (const { ends } of ties) {
    const [a, b] = ends.map((end) => numbers.get(end) as number) as [number, number]
    if (at(levels, ends[0]) === at(levels, ends[1])) continue
    at(rowItems, a).neighbours.push(b)
    at(rowItems, b).neighbours.push(a)
  }
  const degree = Math.max(...members.map((member) => at(net.neighbours, member).length))
  const ordered = order(rowItems, rows)
  const x = spread(rowItems, ordered, GAP * 1.5 * scale)
  const arrangement: Arrangement = { places: [], routes: new Map() }
  const gap = rowGap(net.ties, scale) + Math.min(140, 6 * degree) * scale
  let y = 0
  for (const row of ordered) {
    const heights = row.map((number) => hangings.get(number)?.block.height ?? at(net.items, at(members, number)).height)
    const boxes = row.filter((number) => !hangings.has(number))
    const high = Math.max(0, ...boxes.map((number) => at(net.items, at(members, number)).height))
    for (const number of row) {
      const hanging = hangings.get(number)
      const member = members[number]
      if (hanging) {
        const place = arrangement.places[at(members, hanging.parent)] as Place
        hanging.block.put(arrangement, at(x, number), y, { x: place.x, y: place.y + place.height / 2 })
      } else if (member !== undefined) {
        const { width, height } = { ...at(net.items, member), width: at(rowItems, number).width }
        arrangement.places[member] = { x: at(x, number), y: y + high / 2, width, height }
      }
    }
    const hangsNext = Math.max(0, ...heights)
    y += hangsNext + (row.some((number) => hangings.has(number) === false) ? gap : rowGap(net.ties, scale))
  }
  const isPlain = ordered.every((row) => row.length > 0)
  if (isPlain) for (const tie of ties) ports(net, tie, ties, levels, arrangement)
  return arrangement
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

/** Lets a tie between two tiers end at a place of its own of each box. */
function ports(
  net: Net,
  tie: Tie,
  ties: readonly Tie[],
  levels: readonly number[],
  { places, routes }: Arrangement,
): void {
  const [a, b] = tie.ends
  if (at(levels, a) === at(levels, b)) return
  const ends = tie.ends.map((end, side) => {
    const other = at(tie.ends, 1 - side)
    const place = at(places, end)
    const isUp = at(levels, other) > at(levels, end)
    const same = ties
      .filter(
        ({ ends }) => ends.includes(end) && at(levels, ends[0] === end ? ends[1] : ends[0]) > at(levels, end) === isUp,
      )
      .filter(({ ends }) => at(levels, ends[0]) !== at(levels, ends[1]))
      .map((each) => ({ each, x: at(places, each.ends[0] === end ? each.ends[1] : each.ends[0]).x }))
      .sort((one, two) => one.x - two.x)
    const rank = same.findIndex(({ each }) => each === tie)
    const pitch = Math.min(16, (place.width - 16) / Math.max(1, same.length - 1))
    const x = at(net.items, end).isBus
      ? clamp(at(places, other).x, place)
      : place.x + (rank - (same.length - 1) / 2) * pitch
    return { x, y: place.y + ((isUp ? -1 : 1) * place.height) / 2 }
  })
  routes.set(tie.edge, ends)
}

const clamp = (x: number, { x: middle, width }: Place): number =>
  Math.min(Math.max(x, middle - width / 2 + 8), middle + width / 2 - 8)
