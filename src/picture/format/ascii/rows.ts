// The rows of a picture of characters, with a cell for each node and for each line that passes a row, and the wires between them.
import stringWidth from 'string-width'
import type { Pairs } from './layers.js'

/** Where a wire ends at a cell. */
export interface Pin {
  cell: Cell
  x: number
  /** Text beside it. */
  label: readonly string[]
  /** Columns that it takes, with its text. */
  width: number
}

/** A node, or a line that passes through the row. x and width are even numbers. */
export interface Cell {
  node: number | null
  row: number
  x: number
  width: number
  above: Pin[]
  below: Pin[]
}

/** A part of a line, in the channel below the row `channel`. `side`: both ends are below cells of that row. */
export interface Wire {
  edge: number
  channel: number
  isSide: boolean
  ends: readonly [Pin, Pin]
}

export interface Rows {
  rows: Cell[][]
  wires: Wire[]
}

/** @param widths of the texts of nodes @param labels of the two ends of each pair */
export function rowsOf(
  layers: readonly (readonly number[])[],
  pairs: Pairs,
  widths: readonly number[],
  labels: readonly (readonly [readonly string[], readonly string[]])[],
): Rows {
  const rows = layers.map((nodes, row) => nodes.map((node) => newCell(node, row)))
  const cells = new Map(rows.flatMap((row) => row.map((cell) => [cell.node, cell] as const)))
  const wires: Wire[] = []
  pairs.forEach(([a, b], edge) => {
    const [first, second] = [cells.get(a), cells.get(b)]
    const [firstLabel, secondLabel] = labels[edge] ?? [[], []]
    if (!first || !second) return
    const isFirstAbove = first.row <= second.row
    const [upper, lower] = isFirstAbove ? [first, second] : [second, first]
    const [upperLabel, lowerLabel] = isFirstAbove ? [firstLabel, secondLabel] : [secondLabel, firstLabel]
    if (upper.row === lower.row) {
      const ends = [pinOf(upper, 'below', upperLabel), pinOf(lower, 'below', lowerLabel)] as const
      wires.push({ edge, channel: upper.row, isSide: true, ends })
      return
    }
    let from = upper
    for (let row = upper.row + 1; row <= lower.row; row++) {
      const to = row === lower.row ? lower : passing(rows, row)
      const start = pinOf(from, 'below', from === upper ? upperLabel : [])
      const end = pinOf(to, 'above', to === lower ? lowerLabel : [])
      wires.push({ edge, channel: row - 1, isSide: false, ends: [start, end] })
      from = to
    }
  })
  for (const cell of rows.flat()) if (cell.node !== null) cell.width = widthOf(cell, widths[cell.node] ?? 0)
  return { rows, wires }
}

/** Columns between two cells: lines that pass need none. */
export const gap = (left: Cell, right: Cell): number => (left.node === null && right.node === null ? 0 : 2)

/** The least width of a row, or of the cells from one on. */
export const rowWidth = (row: readonly Cell[], from = 0): number =>
  row.slice(from).reduce((sum, cell, at) => {
    const before = at === 0 ? undefined : row[from + at - 1]
    return sum + (before ? gap(before, cell) : 0) + cell.width
  }, 0)

const newCell = (node: number | null, row: number): Cell => ({ node, row, x: 0, width: 2, above: [], below: [] })

function passing(rows: Cell[][], row: number): Cell {
  const cell = newCell(null, row)
  rows[row]?.push(cell)
  return cell
}

function pinOf(cell: Cell, side: 'above' | 'below', label: readonly string[]): Pin {
  const text = Math.max(0, ...label.map((line) => stringWidth(line)))
  const pin = { cell, x: 0, label, width: text === 0 ? 2 : even(text + 3) }
  cell[side].push(pin)
  return pin
}

function widthOf({ above, below }: Cell, text: number): number {
  const pins = [above, below].map((side) => 2 + side.reduce((sum, { width }) => sum + width, 0))
  return even(Math.max(text + 4, ...pins))
}

/** The next even number. */
export const even = (value: number): number => value + (value % 2)
