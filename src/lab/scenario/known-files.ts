// The files that steps name. They are read before the first step, so that what carries a step out, maybe another process, needs
// no function that reads files.
import type { ReadSource } from '../../topology/emulation/emulations.js'
import type { SourceFile } from '../../topology/emulation/source-files.js'

/** What came of reading a file. */
export interface KnownFile {
  path: string
  /** As in `ReadSource`. */
  from: string | undefined
  found: SourceFile | { failure: string }
}

/** Reads each file once, and keeps what came of it. */
export class KnownFiles {
  /** @param files those that were read already */
  constructor(
    private readonly readSource: ReadSource,
    readonly files: KnownFile[] = [],
  ) {}

  readonly read: ReadSource = (path, from) => {
    const known = this.files.find((each) => each.path === path && each.from === from)
    const found = known?.found ?? this.readNow(path, from)
    if ('failure' in found) throw new Error(found.failure)
    return found
  }

  private readNow(path: string, from: string | undefined): KnownFile['found'] {
    const found = resultOf(() => this.readSource(path, from))
    this.files.push({ path, from, found })
    return found
  }
}

function resultOf(read: () => SourceFile): KnownFile['found'] {
  try {
    return read()
  } catch (error) {
    return { failure: (error as Error).message }
  }
}

/** Finds files among those that were read. */
export const readerOf = (files: readonly KnownFile[]): ReadSource => new KnownFiles(refuse, [...files]).read

const refuse: ReadSource = () => {
  throw new Error('it was not read before the first step')
}
