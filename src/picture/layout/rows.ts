// Nodes in rows, one above the other: their order with few crossings, and places near the middle of those they are tied with.
import { at } from './net.js'

/** The share of the widest row that others take if they can, and the most between two of their items. */
const SHARE = 0.5
const WIDEST_GAP = 500

/** A thing in a row, by number. */
export interface RowItem {
  width: number
  /** Those in the next rows that it is tied with. */
  neighbours: number[]
  /** One of them that it should be exactly above or below, and how far to the right of that. */
  anchor?: { item: number; offset: number }
}

/** Orders each row so that few ties cross (barycentres, K. Sugiyama et al., 1981). @returns the rows */
export function order(items: readonly RowItem[], rows: readonly (readonly number[])[]): number[][] {
  let best = rows.map((row) => [...row])
  let fewest = crossings(items, best)
  const current = best.map((row) => [...row])
  for (let round = 0; round < 8 && fewest > 0; round++) {
    const place = placesOf(items.length, current)
    const numbers = current.map((_, number) => number)
    for (const number of round % 2 === 0 ? numbers : numbers.reverse()) {
      const row = at(current, number)
      const rank = new Map(
        row.map((item) => [item, mean(at(items, item).neighbours.map((other) => at(place, other))) ?? at(place, item)]),
      )
      row.sort((a, b) => (rank.get(a) as number) - (rank.get(b) as number) || at(place, a) - at(place, b))
      for (const [position, item] of row.entries()) place[item] = (position + 0.5) / row.length
    }
    const count = crossings(items, current)
    if (count < fewest) {
      fewest = count
      best = current.map((row) => [...row])
    }
  }
  return best
}

/** Where each item is in its row, from 0 to 1. */
function placesOf(count: number, rows: readonly (readonly number[])[]): number[] {
  const place = Array.from({ length: count }, () => 0)
  for (const row of rows) for (const [position, item] of row.entries()) place[item] = (position + 0.5) / row.length
  return place
}

const mean = (numbers: readonly number[]): number | null =>
  numbers.length === 0 ? null : numbers.reduce((sum, number) => sum + number, 0) / numbers.length

/** The number of pairs of ties between two rows that cross. */
export function crossings(items: readonly RowItem[], rows: readonly (readonly number[])[]): number {
  let count = 0
  for (const [number, row] of rows.entries()) {
    const next = new Map((rows[number + 1] ?? []).map((item, position) => [item, position]))
    // Fenwick tree of the positions in the next row that ties have ended at.
    const sums = Array.from({ length: next.size + 1 }, () => 0)
    let ended = 0
    for (const item of row) {
      const ends = at(items, item).neighbours.flatMap((other) => next.get(other) ?? [])
      for (const end of ends) {
        let before = 0
        for (let index = end + 1; index > 0; index -= index & -index) before += sums[index] as number
        count += ended - before
      }
      for (const end of ends) {
        for (let index = end + 1; index <= next.size; index += index & -index) sums[index] = (sums[index] as number) + 1
        ended++
      }
    }
  }
  return count
}

/** The middles of the items of all rows, with `gap` between those of a row. */
export function spread(items: readonly RowItem[], rows: readonly (readonly number[])[], gap: number): number[] {
  const x = Array.from({ length: items.length }, () => 0)
  const whole = Math.max(...rows.map((row) => width(items, row)))
  // The gaps of rows that are narrow are wider, lest their lines be flat.
  const gaps = rows.map((row) => Math.max(gap, Math.min((whole * SHARE - width(items, row)) / row.length, WIDEST_GAP)))
  for (const [number, row] of rows.entries()) {
    const wanted = row.map(() => 0)
    for (const [position, middle] of apart(items, row, wanted, at(gaps, number)).entries())
      x[at(row, position)] = middle
  }
  const rowOf = new Map(rows.flatMap((row, number) => row.map((item) => [item, number] as const)))
  const numbers = rows.map((_, number) => number)
  const widest = [...numbers].sort((a, b) => width(items, at(rows, b)) - width(items, at(rows, a)))[0] ?? 0
  const move = (number: number, isSeen: (other: number) => boolean): void => {
    const row = at(rows, number)
    const wanted = row.map((item) => wantedOf(items, item, x, (other) => isSeen(rowOf.get(other) ?? -1)))
    for (const [position, middle] of apart(items, row, wanted, at(gaps, number)).entries())
      x[at(row, position)] = middle
  }
  // From the widest row on, each row follows the one that is nearer to that.
  for (const number of numbers.filter((each) => each < widest).reverse()) move(number, (other) => other > number)
  for (const number of numbers.filter((each) => each > widest)) move(number, (other) => other < number)
  return x
}

function wantedOf(
  items: readonly RowItem[],
  item: number,
  x: readonly number[],
  isSeen: (other: number) => boolean,
): number {
  const { anchor, neighbours } = at(items, item)
  if (anchor) return at(x, anchor.item) + anchor.offset
  const seen = neighbours.filter(isSeen)
  return mean((seen.length > 0 ? seen : neighbours).map((other) => at(x, other))) ?? at(x, item)
}

const width = (items: readonly RowItem[], row: readonly number[]): number =>
  row.reduce((sum, item) => sum + at(items, item).width, 0)

/** Middles as near as can be to the wanted ones, in order and apart: the squares of the differences are least (pool adjacent violators). */
function apart(items: readonly RowItem[], row: readonly number[], wanted: readonly number[], gap: number): number[] {
  const offsets: number[] = []
  for (const [position, item] of row.entries()) {
    const before = row[position - 1]
    offsets.push(
      before === undefined
        ? 0
        : at(offsets, position - 1) + (at(items, before).width + at(items, item).width) / 2 + gap,
    )
  }
  const pools: { sum: number; count: number }[] = []
  for (const [position, want] of wanted.entries()) {
    let pool = { sum: want - at(offsets, position), count: 1 }
    for (let last = pools.at(-1); last && last.sum / last.count >= pool.sum / pool.count; last = pools.at(-1)) {
      pools.pop()
      pool = { sum: pool.sum + last.sum, count: pool.count + last.count }
    }
    pools.push(pool)
  }
  return pools
    .flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count))
    .map((base, position) => base + at(offsets, position))
}
