// Tables for a terminal: aligned columns without frames or colours, so that they read well and cut well.

import CliTable from 'cli-table3'
import { cellText } from './cell.js'
import { printable } from './printable.js'
import type { Cell } from './tables.js'

// Of cli-table3's lines only the one below the headings; two spaces between columns.
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

/** Aligned lines below a line of headings; no line end after the last. */
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
