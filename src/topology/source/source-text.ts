// A text that values were read from: finds lines and columns of offsets, and quotes lines.

/** A place in a text. Lines and columns count from 1; columns count UTF-16 units, as editors do. */
export interface Position {
  line: number
  column: number
}

/** The line of a fault, to be shown with it. */
export interface Quote {
  text: string
  /** The number of UTF-16 units, from the column of the fault on, that the fault is about; at least 1. */
  length: number
}

/** A longer line is not quoted, since it is data and not text to read. */
const MAX_QUOTED = 1000

/** One file, standard input, or a command. */
export class SourceText {
  private starts: number[] | null = null

  constructor(
    readonly text: string,
    /** As the user named it; undefined for text without a name. */
    readonly file: string | undefined,
    /** A hidden text is never quoted. */
    private readonly isHidden = false,
    /** The file to which relative paths in the text belong, where that is another one. */
    readonly place = file,
  ) {}

  /** The same text, never quoted. */
  hidden(): SourceText {
    return new SourceText(this.text, this.file, true, this.place)
  }

  position(offset: number): Position {
    const starts = this.lineStarts()
    let [low, high] = [0, starts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] as number) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (starts[low] as number) + 1 }
  }

  /** The line on which a range begins; undefined for an empty line, one that is too long to read, and in a hidden text. */
  quote(start: number, end: number): Quote | undefined {
    if (this.isHidden) return undefined
    const { line, column } = this.position(start)
    const from = start - column + 1
    const next = this.lineStarts()[line] ?? this.text.length + 1
    const text = this.text.slice(from, Math.min(next - 1, from + MAX_QUOTED + 2)).replace(/\r$/, '')
    if (text.trim() === '' || text.length > MAX_QUOTED) return undefined
    return { text, length: Math.max(1, Math.min(end - start, text.length - column + 1)) }
  }

  private lineStarts(): number[] {
    if (this.starts) return this.starts
    this.starts = [0]
    for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) this.starts.push(at + 1)
    return this.starts
  }
}
