// A table for a terminal.
import { renderTable } from '../text-table.js'
import type { Sheet } from './sheet.js'

/** With a line end after the last line. */
export const table = ({ columns, rows }: Sheet, width?: number): string =>
  `${renderTable(
    columns,
    rows.map((row) => columns.map((column) => row[column] ?? null)),
    width,
  )}\n`
