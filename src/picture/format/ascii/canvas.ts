// A sheet of characters: lines are kept as the sides of each cell that they reach, so that those which meet make one character.
import stringWidth from 'string-width'

/** How a line is drawn: a link, a tunnel, a link that is down, and a tunnel that is down. */
export type Stroke = 'solid' | 'dashed' | 'dotted' | 'heavy'

const NORTH = 1
const EAST = 2
const SOUTH = 4
const WEST = 8

/** By the sides that a cell's lines reach, as a sum of the constants above (Unicode: Box Drawing). */
const LINES = ' ╵╶└╷│┌├╴┘─┴┐┤┬┼'
/** Of boxes with double horizontal lines. */
const DOUBLE = ' │═╘││╒╞═╛═╧╕╡╤╪'
const STRAIGHT: Record<Stroke, readonly [vertical: string, horizontal: string]> = {
  solid: ['│', '─'],
  dashed: ['╎', '╌'],
  dotted: ['┊', '┈'],
  heavy: ['╏', '╍'],
}
const PLAIN_STRAIGHT: Record<Stroke, readonly [vertical: string, horizontal: string]> = {
  solid: ['|', '-'],
  dashed: [':', '~'],
  dotted: ['x', 'x'],
  heavy: ['!', '!'],
}

interface Cell {
  sides: number
  stroke: Stroke
  isDouble: boolean
  /** Text wins over lines; '' is the right half of a wide character. */
  text: string | null
}

export class Canvas {
  readonly #rows: Cell[][] = []

  text(x: number, y: number, text: string): void {
    let at = x
    for (const char of text) {
      const width = stringWidth(char)
      if (width === 0) {
        const before = this.#cell(at - 1, y)
        before.text = `${before.text ?? ''}${char}`
        continue
      }
      this.#cell(at, y).text = char
      for (let right = 1; right < width; right++) this.#cell(at + right, y).text = ''
      at += width
    }
  }

  /** A line between two cells of one row or one column, through the middles of both. */
  line(
    from: readonly [x: number, y: number],
    to: readonly [x: number, y: number],
    stroke: Stroke,
    isDouble = false,
  ): void {
    const [x1, y1] = [Math.min(from[0], to[0]), Math.min(from[1], to[1])]
    const [x2, y2] = [Math.max(from[0], to[0]), Math.max(from[1], to[1])]
    for (let x = x1; x < x2; x++) {
      this.#reach(x, y1, EAST, stroke, isDouble)
      this.#reach(x + 1, y1, WEST, stroke, isDouble)
    }
    for (let y = y1; y < y2; y++) {
      this.#reach(x1, y, SOUTH, stroke, false)
      this.#reach(x1, y + 1, NORTH, stroke, false)
    }
  }

  box(x: number, y: number, width: number, height: number, stroke: Stroke, isDouble: boolean): void {
    const [right, bottom] = [x + width - 1, y + height - 1]
    this.line([x, y], [right, y], stroke, isDouble)
    this.line([x, bottom], [right, bottom], stroke, isDouble)
    this.line([x, y], [x, bottom], stroke)
    this.line([right, y], [right, bottom], stroke)
  }

  /** Without blanks at the ends of lines. */
  toLines(isPlain: boolean): string[] {
    const charOf = isPlain ? plainChar : boxChar
    return Array.from(this.#rows, (row = []) =>
      Array.from(row, (cell) => (cell ? (cell.text ?? charOf(cell)) : ' '))
        .join('')
        .trimEnd(),
    )
  }

  #reach(x: number, y: number, side: number, stroke: Stroke, isDouble: boolean): void {
    const cell = this.#cell(x, y)
    cell.sides |= side
    cell.stroke = stroke
    cell.isDouble ||= isDouble
  }

  #cell(x: number, y: number): Cell {
    this.#rows[y] ??= []
    const row = this.#rows[y]
    row[x] ??= { sides: 0, stroke: 'solid', isDouble: false, text: null }
    return row[x]
  }
}

function boxChar({ sides, stroke, isDouble }: Cell): string {
  if (!isDouble && sides === (NORTH | SOUTH)) return STRAIGHT[stroke][0]
  if (!isDouble && sides === (EAST | WEST)) return STRAIGHT[stroke][1]
  return (isDouble ? DOUBLE : LINES)[sides] ?? ' '
}

function plainChar({ sides, stroke, isDouble }: Cell): string {
  if (sides === (NORTH | SOUTH)) return PLAIN_STRAIGHT[stroke][0]
  if (sides === (EAST | WEST)) return isDouble ? '=' : PLAIN_STRAIGHT[stroke][1]
  return sides === 0 ? ' ' : '+'
}
