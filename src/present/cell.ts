// Turns a cell of a table into text: for programs (CSV, TSV), and for people.
import type { Cell } from './tables.js'

/** For CSV and TSV: null is empty; a list is joined with commas, a null in it is empty. */
export const cellData = (cell: Cell | undefined): string =>
  Array.isArray(cell) ? cell.map((item) => item ?? '').join(',') : String(cell ?? '')

/** For people: null is `-`, a list is joined with a comma and a space. */
export const cellText = (cell: Cell | undefined): string =>
  Array.isArray(cell) ? cell.map((item) => item ?? '-').join(', ') : String(cell ?? '-')
