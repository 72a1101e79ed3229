// Grids of rows and columns, and long chains and rings, which are laid in rows like the ox turns; what has one neighbour is beside it.
import { type Arrangement, at, distances, emptyArrangement, type Net } from '../net.js'
import { peel } from '../peel.js'
import { LONGEST_ROW, pathOf } from './chain.js'
import { cycleOf, LONGEST_RING } from './ring.js'

interface Cell {
  row: number
  column: number
}

export function grid(net: Net, scale: number): Arrangement | null {
  const { core, members, leaves } = peel(net)
  const cells = latticeOf(core) ?? rowsOf(core) ?? loopOf(core)
  if (!cells) return null
  const places: Arrangement['places'] = []
  const most = Math.max(...leaves.map((own) => own.length))
  const box = largest(core.items)
  const leaf = largest(leaves.flat().map((item) => at(net.items, item)))
  const texts = largest(net.ties.flatMap((tie) => tie.endSizes))
  const middle = largest(net.ties.map((tie) => tie.middle))
  // A cell has a router at its upper left, lines to the right and below, and its hosts between these.
  const columns = Math.ceil(Math.sqrt(most))
  const rows = most === 0 ? 0 : Math.ceil(most / columns)
  const inset = { x: 26 + texts.width, y: 20 + texts.height }
  const width = Math.max(
    box.width + 2 * texts.width + middle.width + 40,
    most === 0 ? 0 : box.width / 2 + inset.x + columns * (leaf.width + 16) + texts.width,
  )
  const height = Math.max(
    box.height + 2 * texts.height + middle.height + 44,
    most === 0 ? 0 : box.height + inset.y + rows * (leaf.height + 14),
  )
  for (const [number, { row, column }] of cells.entries()) {
    const x = column * width * scale
    const y = row * height * scale
    const { width: own, height: high } = at(core.items, number)
    places[at(members, number)] = { x, y, width: own, height: high }
    for (const [position, item] of at(leaves, number).entries()) {
      const { width, height } = at(net.items, item)
      places[item] = {
        x: x + (inset.x + leaf.width / 2 + (position % columns) * (leaf.width + 16)) * scale,
        y:
          y +
          box.height / 2 +
          (inset.y + leaf.height / 2 - 4 + Math.floor(position / columns) * (leaf.height + 14)) * scale,
        ...{ width, height },
      }
    }
  }
  return { ...emptyArrangement(), places }
}

const largest = (sizes: readonly { width: number; height: number }[]) => ({
  width: Math.max(0, ...sizes.map((size) => size.width)),
  height: Math.max(0, ...sizes.map((size) => size.height)),
})

/** Row and column of each item of a grid with two rows and columns at least; null if the net is none, or a ring of four. */
function latticeOf(net: Net): Cell[] | null {
  const { items, neighbours } = net
  const corners = neighbours.flatMap((others, item) => (others.length === 2 ? [item] : []))
  const [first] = corners
  if (corners.length !== 4 || first === undefined || items.length < 6) return null
  const down = distances(net, [first])
  // Of the two corners next to the first, the one that comes later is below it, unless that makes the grid much higher than wide.
  const [near = 0, far = 0] = corners
    .slice(1)
    .sort((a, b) => at(down, a) - at(down, b))
    .slice(0, 2)
    .sort((a, b) => b - a)
  const shorter = at(down, near) > 1.5 * at(down, far) ? far : near
  const last = at(down, shorter)
  const up = distances(net, [shorter])
  const cells = items.map((_, item) => ({
    row: (at(down, item) - at(up, item) + last) / 2,
    column: (at(down, item) + at(up, item) - last) / 2,
  }))
  const rows = last + 1
  const columns = items.length / rows
  const taken = new Set(cells.map(({ row, column }) => row * items.length + column))
  const isWhole = cells.every(({ row, column }) => Number.isInteger(row) && row >= 0 && column >= 0 && column < columns)
  const steps = neighbours.every((others, item) =>
    others.every(
      (other) =>
        Math.abs(at(cells, item).row - at(cells, other).row) +
          Math.abs(at(cells, item).column - at(cells, other).column) ===
        1,
    ),
  )
  const count = neighbours.reduce((sum, others) => sum + others.length, 0) / 2
  const isComplete = count === rows * (columns - 1) + columns * (rows - 1)
  return taken.size === items.length && isWhole && steps && isComplete ? cells : null
}

/** A long chain in rows, every second one backwards. */
function rowsOf(core: Net): Cell[] | null {
  const order = core.items.length > LONGEST_ROW ? pathOf(core) : null
  if (!order) return null
  const columns = Math.ceil(Math.sqrt(order.length * 1.6))
  const cells: Cell[] = []
  for (const [number, item] of order.entries()) {
    const row = Math.floor(number / columns)
    const step = number % columns
    cells[item] = { row, column: row % 2 === 0 ? step : columns - 1 - step }
  }
  return cells
}

/** A long ring: from left to right in the first row, then in turns through the others, and back up in the first column. */
function loopOf(core: Net): Cell[] | null {
  const order = core.items.length > LONGEST_RING ? cycleOf(core) : null
  if (!order) return null
  const rows = 2 * Math.max(1, Math.round(Math.sqrt(order.length / 1.6) / 2))
  const columns = Math.ceil(order.length / rows)
  const upTo = (count: number) => Array.from({ length: count }, (_, number) => number)
  const first = upTo(columns).map((column) => ({ row: 0, column }))
  const turns = upTo(rows - 1).flatMap((number) => {
    const row = upTo(columns - 1).map((step) => ({ row: number + 1, column: columns - 1 - step }))
    return number % 2 === 0 ? row : row.reverse()
  })
  // The first column has the cells that are left.
  const left = order.length - first.length - turns.length
  const up = upTo(left).map((step) => ({ row: rows - 1 - step, column: 0 }))
  const cells: Cell[] = []
  for (const [number, cell] of [...first, ...turns, ...up].entries()) cells[at(order, number)] = cell
  return cells
}
