// Reads the traces and samples that links name, each file once.
import { tableOfSamples } from '../../model/distribution-table.js'
import type { Trace } from '../../model/impairment.js'
import type { Path } from '../source/located.js'
import { parseSamples } from './samples.js'
import { parseTrace, type TraceFault } from './trace.js'

/** A file that was read. */
export interface SourceFile {
  /** The name for messages. */
  file: string
  text: string
}

/** Where files come from, and where their faults go. */
export interface FileAccess {
  /** The file that names others at a path; undefined for text without a name. */
  namedIn(path: Path): string | undefined
  /** @throws Error whose message says why the file cannot be read */
  read(name: string, from: string | undefined): SourceFile
  report(path: Path, message: string): void
  /** @param at offset into the text of the file */
  reportIn(file: SourceFile, at: number, path: Path, message: string): void
}

/** The most numbers of all traces and tables that links have, since each of them is in the state of the lab. */
const MAX_VALUES = 4_000_000

type Parse = (text: string, most: number) => number[] | TraceFault

export class SourceFiles {
  private readonly known = new Map<string, readonly number[] | null>()
  private taken = 0

  constructor(private readonly access: FileAccess) {}

  /** null: its fault is reported. */
  trace(name: string, path: Path): Trace | null {
    const opportunitiesMs = this.numbers('trace', name, path, parseTrace)
    return opportunitiesMs && { file: name, opportunitiesMs: [...opportunitiesMs] }
  }

  /** The table of a distribution. null: its fault is reported. */
  table(name: string, path: Path): number[] | null {
    const table = this.numbers('samples', name, path, (text, most) => {
      const samples = parseSamples(text, most)
      return 'message' in samples ? samples : tableOfSamples(samples).table
    })
    return table && [...table]
  }

  private numbers(what: 'trace' | 'samples', name: string, path: Path, parse: Parse): readonly number[] | null {
    const from = this.access.namedIn(path)
    const key = [what, from ?? '', name].join('\0')
    if (!this.known.has(key)) this.known.set(key, this.parsed(name, from, path, parse))
    const numbers = this.known.get(key) ?? null
    if (this.taken <= MAX_VALUES && this.taken + (numbers?.length ?? 0) > MAX_VALUES)
      this.access.report(path, `the links up to here have over ${MAX_VALUES} values of traces and samples`)
    this.taken += numbers?.length ?? 0
    return this.taken > MAX_VALUES ? null : numbers
  }

  private parsed(name: string, from: string | undefined, path: Path, parse: Parse): readonly number[] | null {
    try {
      const file = this.access.read(name, from)
      const result = parse(file.text, MAX_VALUES)
      if (!('message' in result)) return result
      this.access.reportIn(file, result.at, path, result.message)
    } catch (error) {
      this.access.report(path, error instanceof Error ? error.message : String(error))
    }
    return null
  }
}
