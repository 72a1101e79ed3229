// Remembers what a topology is read from, while it is read.
import type { LabSource, SourceFile } from '../../model/source/lab-source.js'
import type { NeighbourTables } from '../../model/source/neighbour-tables.js'

/** What is read of a topology beside its own text. */
export class Capture {
  readonly environment: Record<string, string> = {}
  readonly sources: Record<string, SourceFile> = {}

  /** Remembers a variable of the environment. @returns its value */
  variable(name: string, value: string | undefined): string | undefined {
    if (value !== undefined) this.environment[name] = value
    return value
  }

  /** Remembers a file by the path that was read. */
  file(path: string, { identity, text }: SourceFile): void {
    this.sources[path] = { identity, text }
  }

  /** All of it. Before the topology has been read, it is not whole. */
  source(text: string, rest: Pick<LabSource, 'file' | 'defaultName' | 'sets' | 'neighbourTables'>): LabSource {
    const { environment, sources } = this
    return { text, ...rest, directory: process.cwd(), environment, sources, edits: [] }
  }
}

/** The source of a text without a file, as the library takes it. */
export const sourceOfText = (text: string, neighbourTables: NeighbourTables): LabSource =>
  new Capture().source(text, { file: null, defaultName: 'lab', sets: {}, neighbourTables })
