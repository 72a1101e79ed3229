// How a cell reads as text, once for programs and once for people.
import type { Cell } from './tables.js'

/** For CSV and TSV: null is empty, a list is joined with commas and keeps its empty places. */
export const cellData = (cell: Cell | undefined): string =>
  Array.isArray(cell) ? cell.map((item) => item ?? '').join(',') : String(cell ?? '')

/** For people: null is `-`, a list is joined with a comma and a space. */
export const cellText = (cell: Cell | undefined): string =>
  Array.isArray(cell) ? cell.map((item) => item ?? '-').join(', ') : String(cell ?? '-')
