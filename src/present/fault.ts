// The text of faults in topology files: file, line and column, the message, the line itself with carets below, and a hint.
import stringWidth from 'string-width'
import type { LabError, TopologyIssue } from '../errors.js'
import { printable } from './printable.js'
import { wrap } from './table-layout.js'

/** Further faults are only counted: nobody reads them before correcting these. */
const MAX_SHOWN = 100
/** Columns from one tab stop to the next. */
const TAB = 8
/** Columns of a line that are shown, around the fault. */
const MAX_SHOWN_COLUMNS = 110
const LEAST_SHOWN_COLUMNS = 16
/** Before further lines of a message. */
const INDENT = '  '

/** Adds escape sequences (ECMA-48) to text for a terminal, or leaves it as it is. */
export interface Palette {
  bold: (text: string) => string
  red: (text: string) => string
  dim: (text: string) => string
}

const sgr = (code: number, end: number) => (text: string) => `\x1b[${code}m${text}\x1b[${end}m`
const unchanged = (text: string): string => text
export const PLAIN: Palette = { bold: unchanged, red: unchanged, dim: unchanged }
export const COLOURED: Palette = { bold: sgr(1, 22), red: sgr(31, 39), dim: sgr(2, 22) }

/**
 * The text of all faults of an error, without a line end after the last line.
 *
 * @param columns of the terminal: quoted lines are cut to fit, and messages wrap
 */
export function faultsText(error: LabError, palette: Palette, columns = Number.POSITIVE_INFINITY): string {
  const issues = error.issues ?? []
  const shown = issues.slice(0, MAX_SHOWN).map((issue) => faultText(issue, palette, columns))
  const rest = issues.length > MAX_SHOWN ? [`… and ${issues.length - MAX_SHOWN} more`] : []
  const hint = error.hint === undefined ? [] : [paragraph('hint:', error.hint, unchanged, columns)]
  return [paragraph('error:', error.message, palette.red, columns), ...shown, ...rest, ...hint].join('\n')
}

/** A message after its head; further lines are indented. */
function paragraph(head: string, message: string, style: (text: string) => string, columns: number): string {
  const [first = '', ...further] = wrap(`${head} ${printable(message)}`, columns)
  // A head that is wider than the terminal is broken itself.
  const styled = first.startsWith(head) ? style(head) + first.slice(head.length) : first
  if (further.length === 0) return styled
  const below = wrap(further.join(' '), columns - INDENT.length)
  return [styled, ...below.map((line) => INDENT + line)].join('\n')
}

function faultText({ file, line, column, message, quote }: TopologyIssue, palette: Palette, columns: number): string {
  const place = [...(file === undefined ? [] : [file]), line, column].join(':')
  const head = paragraph(`${printable(place)}:`, message, palette.bold, columns)
  return quote === undefined ? head : [head, ...quoteLines(quote, line, column, palette, columns)].join('\n')
}

function quoteLines(
  quote: { text: string; length: number },
  line: number,
  column: number,
  { red, dim }: Palette,
  columns: number,
): string[] {
  const gutter = ' '.repeat(String(line).length)
  const aside = ` ${gutter} │ …`.length + '…'.length
  const room = Math.max(LEAST_SHOWN_COLUMNS, Math.min(MAX_SHOWN_COLUMNS, columns - aside))
  const cells = cellsOf(quote.text)
  const at = cells.findIndex(({ offset }) => offset >= column - 1)
  const first = at < 0 ? cells.length : at
  const marked = cells.slice(first).filter(({ offset }) => offset < column - 1 + quote.length)
  const from = windowStart(cells, first, room)
  const visible = cells.slice(from)
  const before = widthOf(cells.slice(from, first))
  const width = Math.max(1, Math.min(widthOf(marked), room - before))
  const [left, right] = [from > 0 ? '…' : '', widthOf(visible) > room ? '…' : '']
  return [
    `${dim(` ${line} │`)} ${left}${cut(visible, room)}${right}`,
    `${dim(` ${gutter} │`)} ${' '.repeat(before + left.length)}${red('^'.repeat(width))}`,
  ]
}

/** A character as the terminal shows it. */
interface Cell {
  /** Number of UTF-16 units before it in the line. */
  offset: number
  text: string
  width: number
}

/** Splits a line into characters as they are drawn: a letter with its accents, or an emoji of several code points, is one. */
function cellsOf(line: string): Cell[] {
  let column = 0
  return [...new Intl.Segmenter().segment(line)].map(({ segment, index }) => {
    const text = segment === '\t' ? ' '.repeat(TAB - (column % TAB)) : printable(segment)
    const width = stringWidth(text)
    column += width
    return { offset: index, text, width }
  })
}

const widthOf = (cells: readonly Cell[]): number => cells.reduce((sum, { width }) => sum + width, 0)

/** The first character of a long line that is shown, so that the fault is visible. */
function windowStart(cells: readonly Cell[], first: number, room: number): number {
  if (widthOf(cells) <= room) return 0
  let from = first
  for (let width = 0; from > 0 && width < room / 2; from--) width += cells[from - 1]?.width ?? 0
  return from
}

function cut(cells: readonly Cell[], room: number): string {
  let [text, width] = ['', 0]
  for (const cell of cells) {
    width += cell.width
    if (width > room) break
    text += cell.text
  }
  return text
}
