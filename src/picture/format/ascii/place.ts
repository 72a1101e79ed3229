// Puts the cells of each row in order, and gives cells and pins their columns.
//
// Pins below a cell are in even columns. A pin above one is in the column of the other end of its wire where that can be, else in an odd
// column. So no two wires share a column between two rows, and each can turn wherever it wants.
import { type Cell, gap, type Pin, type Rows, rowWidth } from './rows.js'

const SWEEPS = 6

/** @param columns that every row fits into */
export function place({ rows, wires }: Rows, columns: number): void {
  const other = new Map<Pin, Pin>()
  for (const { ends } of wires) {
    other.set(ends[0], ends[1])
    other.set(ends[1], ends[0])
  }
  const down = (cell: Cell) => meanOf(cell.above.map((pin) => other.get(pin)))
  const up = (cell: Cell) =>
    meanOf(cell.below.filter((pin) => other.get(pin)?.cell.row !== cell.row).map((pin) => other.get(pin)))
  for (const row of rows) pack(row, () => null, columns)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isDown = sweep % 2 === 0
    const order = isDown ? rows : [...rows].reverse()
    for (const row of order) {
      const wanted = isDown ? down : up
      if (sweep < SWEEPS - 2) sortBy(row, (cell) => wanted(cell) ?? middleOf(cell))
      pack(row, wanted, columns)
    }
  }
  // Rows above follow what is below them for the last time, then pins are put under them.
  for (const row of [...rows].reverse()) pack(row, (cell) => up(cell) ?? middleOf(cell), columns)
  for (const cell of rows.flat()) {
    cell.below.sort((a, b) => farMiddle(a, other) - farMiddle(b, other))
    cell.above.sort((a, b) => farMiddle(a, other) - farMiddle(b, other))
  }
  for (const row of rows) {
    row.forEach((cell, at) => {
      cell.above.sort((a, b) => farX(a, other) - farX(b, other))
      const targets = cell.above.map((pin) => farX(pin, other))
      approach(cell, targets, row[at - 1], row[at + 1], columns)
      if (cell.node === null) passThrough(cell, targets[0])
      else {
        putAbove(cell, targets)
        putBelow(cell, other)
      }
    })
  }
}

const farX = (pin: Pin, other: ReadonlyMap<Pin, Pin>): number => other.get(pin)?.x ?? 0

/** Moves a cell with one wire from above, as far as its neighbours let it, so that the wire is straight. */
function approach(
  cell: Cell,
  targets: readonly number[],
  left: Cell | undefined,
  right: Cell | undefined,
  columns: number,
): void {
  const [target] = targets
  const [pin] = cell.above
  if (target === undefined || !pin || targets.length > 1) return
  const room = cell.width - (cell.node === null ? 2 : pin.width)
  const start = cell.node === null ? 0 : 2
  const wanted = Math.min(Math.max(cell.x, target - room), target - start)
  const least = left ? left.x + left.width + gap(left, cell) : 0
  const most = (right ? right.x - gap(cell, right) : columns) - cell.width
  cell.x = Math.max(least, Math.min(evenDown(wanted), evenDown(most)))
}

const middleOf = ({ x, width }: Cell): number => x + width / 2

const farMiddle = (pin: Pin, other: ReadonlyMap<Pin, Pin>): number => {
  const far = other.get(pin)
  return far ? middleOf(far.cell) : 0
}

function meanOf(pins: readonly (Pin | undefined)[]): number | null {
  const middles = pins.flatMap((pin) => (pin ? [middleOf(pin.cell)] : []))
  return middles.length === 0 ? null : middles.reduce((sum, middle) => sum + middle, 0) / middles.length
}

function sortBy(row: Cell[], keyOf: (cell: Cell) => number): void {
  const keys = new Map(row.map((cell) => [cell, keyOf(cell)]))
  row.sort((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0))
}

/** Each cell as near as possible to its wanted middle: half way between what is pushed to the right and what is pushed to the left. */
function pack(row: readonly Cell[], wanted: (cell: Cell) => number | null, columns: number): void {
  const middles = row.map((cell) => wanted(cell))
  const starts = row.map((cell, at) => {
    const middle = middles[at] ?? null
    return middle === null ? null : middle - cell.width / 2
  })
  const right = pushed(row, starts, columns)
  const mirrored = pushed(
    [...row].reverse(),
    [...starts.keys()].reverse().map((at) => {
      const start = starts[at] ?? null
      return start === null ? null : columns - start - (row[at]?.width ?? 0)
    }),
    columns,
  )
  row.forEach((cell, at) => {
    const left = columns - (mirrored[row.length - 1 - at] ?? 0) - cell.width
    const start = starts[at] === null ? (right[at] ?? 0) : ((right[at] ?? 0) + left) / 2
    cell.x = start
  })
  let free = 0
  row.forEach((cell, at) => {
    const most = columns - rowWidth(row, at)
    cell.x = Math.max(free, Math.min(evenDown(cell.x), evenDown(most)))
    free = endOf(cell, row[at + 1], cell.x)
  })
}

/** The first column that the next cell can have. */
const endOf = (cell: Cell, next: Cell | undefined, x: number): number => x + cell.width + (next ? gap(cell, next) : 0)

/** From left to right, each at its wanted start or after the one before. */
function pushed(row: readonly Cell[], starts: readonly (number | null)[], columns: number): number[] {
  let free = 0
  return row.map((cell, at) => {
    const most = columns - rowWidth(row, at)
    const start = Math.max(free, Math.min(starts[at] ?? free, most))
    free = endOf(cell, row[at + 1], start)
    return start
  })
}

const evenDown = (value: number): number => Math.floor(value / 2) * 2

function passThrough(cell: Cell, target: number | undefined): void {
  const [above] = cell.above
  const [below] = cell.below
  if (above) above.x = target === cell.x ? cell.x : cell.x + 1
  if (below) below.x = cell.x
}

/** Each pin near the middle of the cell that its wire goes to, or rather where that cell has room for the other end. */
function putBelow(cell: Cell, other: ReadonlyMap<Pin, Pin>): void {
  let free = cell.x + 2
  cell.below.forEach((pin, at) => {
    const most = cell.x + cell.width - restOf(cell.below, at)
    pin.x = evenDown(Math.max(free, Math.min(wantedX(other.get(pin)) ?? free, most)))
    free = pin.x + pin.width
  })
}

function wantedX(far: Pin | undefined): number | null {
  if (!far) return null
  const { cell } = far
  if (cell.node === null) return cell.x
  const at = cell.above.indexOf(far)
  if (at < 0) return middleOf(cell)
  const before = restOf(cell.above, 0) - restOf(cell.above, at)
  const most = cell.x + cell.width - restOf(cell.above, at)
  const middle = cell.above.length === 1 ? middleOf(cell) : cell.x + 2 + before
  return Math.max(cell.x + 2 + before, Math.min(middle, most))
}

function putAbove(cell: Cell, targets: readonly number[]): void {
  let free = cell.x + 1
  cell.above.forEach((pin, at) => {
    const most = cell.x + cell.width - 1 - restOf(cell.above, at)
    const target = targets[at] ?? free
    const isLast = at === cell.above.length - 1
    const isStraight = target >= free && target <= most + (isLast ? 1 : -1)
    pin.x = isStraight ? target : oddUp(Math.max(free, Math.min(target, most)))
    if (!isStraight && pin.x > most) pin.x = most
    free = pin.x + pin.width
  })
}

const restOf = (pins: readonly Pin[], at: number): number => pins.slice(at).reduce((sum, { width }) => sum + width, 0)

const oddUp = (value: number): number => (value % 2 === 0 ? value + 1 : Math.floor(value / 2) * 2 + 1)
