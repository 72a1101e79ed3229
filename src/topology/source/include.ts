// `include`: files that a topology builds on. The values of a file win over those of the files that it includes.

import { topology } from '../schema/topology.js'
import { suggestion } from '../values/suggest.js'
import type { Faults } from './faults.js'
import {
  get,
  isNothing,
  type Located,
  type LocatedMap,
  list,
  merge,
  type Origin,
  textOf,
  withEntries,
} from './located.js'
import { readDocument } from './yaml-document.js'
import { MAX_TOKENS } from './yaml-parser.js'

/** A file that is included. */
export interface IncludedFile {
  /** The name for messages. */
  file: string
  /** The same text for the same file, whatever path leads to it. */
  identity: string
  text: string
}

/**
 * Finds and reads a file.
 *
 * @param from the file that includes it; undefined for a text without a file
 * @throws Error whose message says why the file cannot be read
 */
export type ReadIncluded = (path: string, from: string | undefined) => IncludedFile

/** The most files of one topology. */
const MAX_FILES = 1000
const MAX_DEPTH = 16
const MAX_CHARACTERS = 4 * 1024 * 1024

const NO_TOPOLOGY = 'an included file is a map of the same keys as a topology'
const KEYS: readonly string[] = Object.keys(topology.shape)

interface Step {
  file: string
  identity: string
}

/** Reads the files that a topology includes, and those that they include. A file that is included twice is read once. */
export class Includes {
  private readonly seen = new Set<string>()
  private characters = 0
  private tokens = 0

  constructor(
    private readonly read: ReadIncluded | undefined,
    private readonly faults: Faults,
  ) {}

  /** Merges a file over all files that it includes. Its own `links` come after theirs. */
  resolve(root: Located, chain: readonly Step[]): Located {
    const include = get(root, 'include')
    if (root.type !== 'map' || !include || isNothing(include)) return root
    const paths = include.type === 'list' ? include.items : [include]
    const included = paths.flatMap((path) => this.load(path, chain) ?? [])
    return [...included, root].reduce(mergeFiles)
  }

  private load(written: Located, chain: readonly Step[]): Located | null {
    const path = textOf(written)
    if (path === undefined) {
      // In the file of the topology itself, the schema refuses the value.
      return chain.length === 0 ? null : this.refuse(written, 'a file to include is named by a text')
    }
    const found = this.find(path, written, chain)
    if (!found || this.seen.has(found.identity)) return null
    this.seen.add(found.identity)
    this.characters += found.text.length
    if (this.seen.size > MAX_FILES || this.characters > MAX_CHARACTERS) {
      return this.refuse(
        written,
        `the files up to here are over ${MAX_FILES}, or have over ${MAX_CHARACTERS} characters together`,
      )
    }
    const { root, faults, tokens } = readDocument(found.text, found.file)
    this.tokens += tokens
    if (this.tokens > MAX_TOKENS)
      return this.refuse(written, `the files up to here have over ${MAX_TOKENS} words, marks and blanks together`)
    for (const { at, message, isRepeating } of faults) this.refuseHidden(at, isRepeating ? NO_TOPOLOGY : message)
    if (faults.length > 0 || isNothing(root)) return null
    if (root.type !== 'map') return this.refuseHidden(root.at, NO_TOPOLOGY)
    for (const [name, { key }] of root.entries) {
      if (KEYS.includes(name)) continue
      return this.refuseHidden(key, `${NO_TOPOLOGY}, and this key is none${suggestion(name, KEYS)}`)
    }
    return this.resolve(root, [...chain, found])
  }

  private find(path: string, written: Located, chain: readonly Step[]): IncludedFile | null {
    if (!this.read) return this.refuse(written, 'a topology that was not read from a file cannot include files')
    if (path.includes('${'))
      return this.refuse(written, 'files are included before variables have values; write the name of the file')
    const found = this.tryRead(this.read, path, written)
    if (!found) return null
    const before = chain.findIndex((step) => step.identity === found.identity)
    if (before >= 0) {
      const files = [...chain.slice(before), found].map(({ file }) => file)
      return this.refuse(written, `files include each other in a loop: ${files.join(' → ')}`)
    }
    return chain.length > MAX_DEPTH ? this.refuse(written, `files include each other over ${MAX_DEPTH} deep`) : found
  }

  private tryRead(read: ReadIncluded, path: string, written: Located): IncludedFile | null {
    try {
      return read(path, written.at.source.file)
    } catch (error) {
      return this.refuse(written, error instanceof Error ? error.message : String(error))
    }
  }

  /** Refuses a file without a word of what is in it: the author of the topology may not be allowed to read it. */
  private refuseHidden(at: Origin, message: string): null {
    this.faults.addAt({ ...at, source: at.source.hidden(), path: '' }, message)
    return null
  }

  private refuse({ at }: Located, message: string): null {
    this.faults.addAt(at, message)
    return null
  }
}

function mergeFiles(base: Located, file: Located): Located {
  const whole = merge(base, file)
  const [first, second] = [base, file].map((each) => (each as LocatedMap).entries.get('links'))
  if (whole.type !== 'map' || first?.value.type !== 'list' || second?.value.type !== 'list') return whole
  const links = list([...first.value.items, ...second.value.items], second.value.at)
  return withEntries(whole, [['links', { key: second.key, value: links }]])
}
