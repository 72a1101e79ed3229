// Fits the cells of a table into the columns of a terminal: cells wrap, and a table whose headings alone are too wide
// becomes a list of records, as psql(1) prints one with `\x auto`.
import stringWidth from 'string-width'

/** Blanks between two columns. */
export const GAP = 2
/** A longer word may be broken anywhere, so that one path does not take the room of all other columns. */
const LONGEST_WORD = 24

/** Columns of a terminal that a text takes. */
export const widthOf = (text: string): number => (/^[ -~]*$/.test(text) ? text.length : stringWidth(text))

/**
 * The widths of the columns of a table, the headings included.
 *
 * @param columns of the terminal
 * @returns null when the table does not fit, even with its cells wrapped
 */
export function columnWidths(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number,
): number[] | null {
  const natural = headings.map((heading, at) => greatest(rows, widthOf(heading), (row) => widthOf(row[at] ?? '')))
  const room = columns - GAP * (headings.length - 1)
  if (sum(natural) <= room) return natural
  const longest = (cell: string) =>
    Math.min(LONGEST_WORD, Math.max(...wordsOf(cell).map((word) => widthOf(word.trimEnd()))))
  const least = headings.map((heading, at) => greatest(rows, widthOf(heading), (row) => longest(row[at] ?? '')))
  if (sum(least) > room) return null
  // The widest column gives way first: all above a limit get the same width.
  const limited = (limit: number) => natural.map((width, at) => Math.min(width, Math.max(limit, least[at] ?? 0)))
  let limit = Math.max(...natural)
  while (sum(limited(limit)) > room) limit--
  return limited(limit)
}

/** Breaks a text into lines of at most `width` columns: after blanks and commas, and within a word that is longer. */
export function wrap(text: string, width: number): string[] {
  if (widthOf(text) <= width) return [text]
  const lines: string[] = []
  let line = ''
  for (const word of wordsOf(text).flatMap((each) => broken(each, width))) {
    if (line !== '' && widthOf(line + word.trimEnd()) > width) {
      lines.push(line.trimEnd())
      line = ''
    }
    line += word
  }
  return [...lines, line.trimEnd()]
}

/** The text in parts after which a line may end. */
const wordsOf = (text: string): string[] => text.match(/[^ ,]*(?:,+ *| +|$)/g)?.filter((word) => word !== '') ?? [text]

function broken(word: string, width: number): string[] {
  if (widthOf(word.trimEnd()) <= width) return [word]
  const parts: string[] = []
  let part = ''
  for (const { segment } of new Intl.Segmenter().segment(word)) {
    if (part !== '' && widthOf(part + segment) > width) {
      parts.push(part)
      part = ''
    }
    part += segment
  }
  return [...parts, part]
}

/** The greatest measure of the items, but at least `least`. Not Math.max(...): there may be more items than a call may have arguments. */
export const greatest = <T>(items: readonly T[], least: number, measure: (item: T) => number): number =>
  items.reduce((most, item) => Math.max(most, measure(item)), least)

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)
