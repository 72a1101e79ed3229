// Tables for a terminal: aligned columns without frames or colours, easy to read and to process with cut(1) and awk(1).

import CliTable from 'cli-table3'
import { cellText } from './cell.js'
import { printable } from './printable.js'
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

/** A line of headings, a rule, and one line for each row; no line end after the last line. */
export function renderTable(
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
  align: 'left' | 'right' = 'left',
): string {
  const rendered = new CliTable({
    head: headings.map(printable),
    chars: LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    colAligns: headings.map((_, index) => (index === 0 ? 'left' : align)),
  })
  for (const row of rows) rendered.push(row.map((cell) => printable(cellText(cell))))
  return rendered
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}
