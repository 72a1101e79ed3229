// Tables for people: aligned columns without frames or colours, easy to read and to process with cut(1) and awk(1).

import CliTable from 'cli-table3'
import { cellText } from './cell.js'
import { printable } from './printable.js'
import { columnWidths, GAP, widthOf, wrap } from './table-layout.js'
import type { Cell } from './tables.js'

// Of all lines that cli-table3 can draw, only the one below the headings; two blanks between columns.
const LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '─',
  'mid-mid': '──',
  right: '',
  'right-mid': '',
  middle: '  ',
}
/** cli-table3 compares the rows with one another: it takes 2 s for 2,000 rows and minutes for 20,000. */
const DRAWN_ROWS = 200

type Align = 'left' | 'right'

/**
 * A line of headings, a rule, and the rows; no line end after the last line.
 *
 * @param columns the table's greatest width: cells wrap, and a table that is too wide even so becomes a list of records
 * @param align of all columns but the first
 */
export function renderTable(
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
  columns = Number.POSITIVE_INFINITY,
  align: Align = 'left',
): string {
  const head = headings.map(printable)
  const cells = rows.map((row) => row.map((cell) => printable(cellText(cell))))
  const widths = columnWidths(head, cells, columns)
  if (widths === null) return records(head, cells, columns)
  const wrapped = cells.map((row) => row.map((cell, at) => wrap(cell, widths[at] ?? 0)))
  return wrapped.length > DRAWN_ROWS ? padded(head, wrapped, widths, align) : drawn(head, wrapped, widths, align)
}

function drawn(head: string[], rows: string[][][], widths: number[], align: Align): string {
  const table = new CliTable({
    head,
    chars: LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    colWidths: widths,
    colAligns: head.map((_, index) => (index === 0 ? 'left' : align)),
  })
  for (const row of rows) table.push(row.map((lines) => lines.join('\n')))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** Draws the same table in a time that is proportional to its size. */
export function padded(head: string[], rows: string[][][], widths: number[], align: Align): string {
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => {
        const blanks = ' '.repeat((widths[at] ?? 0) - widthOf(cell))
        return at > 0 && align === 'right' ? blanks + cell : cell + blanks
      })
      .join(' '.repeat(GAP))
      .trimEnd()
  const rule = widths.map((width) => '─'.repeat(width)).join('─'.repeat(GAP))
  const body = rows.flatMap((row) => {
    const height = Math.max(1, ...row.map((lines) => lines.length))
    return Array.from({ length: height }, (_, index) => line(row.map((lines) => lines[index] ?? '')))
  })
  return [line(head), rule, ...body].join('\n')
}

/** One line for each cell, with its heading before it, and an empty line between rows. */
function records(head: readonly string[], rows: readonly (readonly string[])[], columns: number): string {
  const names = Math.max(...head.map(widthOf)) + GAP
  const room = Math.max(1, columns - names)
  const record = (row: readonly string[]): string =>
    row
      .flatMap((cell, at) =>
        wrap(cell, room).map((text, index) => (index === 0 ? (head[at] ?? '') : '').padEnd(names) + text),
      )
      .map((text) => text.trimEnd())
      .join('\n')
  return rows.length === 0 ? head.join('\n') : rows.map(record).join('\n\n')
}
