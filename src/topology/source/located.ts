// A value together with the place where it is written. The stages that rewrite a topology before it is checked (includes,
// variables, kinds, repetition) make new values from these, so that each value keeps its place in a file.
import type { SourceText } from './source-text.js'

/** A place in a topology, as keys and indexes from its root. */
export type Path = readonly PropertyKey[]

export type Located = LocatedScalar | LocatedList | LocatedMap

/** The place where a value is written. */
export interface Origin {
  source: SourceText
  /** Offsets into the source's text; `end` is after the last character. */
  start: number
  end: number
  /** Keys and indexes from the root of its file, dotted. */
  path: string
  /** What messages say beside the place, such as `i = 3` for one of several repetitions, or the value of a variable. */
  note?: string
  /** Set if the value was refused and replaced. Further faults of it would only follow from the first, and are not reported. */
  isBroken?: true
}

/** Finds the place of a value, or with `key` that of its key. For a missing value, the place of the nearest one above it. */
export type Locate = (path: Path, part?: 'key' | 'value') => { origin: Origin; missing: Path }

export interface LocatedScalar {
  type: 'scalar'
  value: unknown
  /** A number, `true` or `false` as it is written, such as `1.10`. Absent for all else, and for values that were computed. */
  written?: string
  at: Origin
}

export interface LocatedList {
  type: 'list'
  items: readonly Located[]
  at: Origin
}

export interface LocatedMap {
  type: 'map'
  entries: ReadonlyMap<string, Entry>
  at: Origin
}

export interface Entry {
  /** Where the key is written. */
  key: Origin
  value: Located
}

export const scalar = (value: unknown, at: Origin, written?: string): LocatedScalar => ({
  type: 'scalar',
  value,
  at,
  ...(written === undefined ? {} : { written }),
})
export const list = (items: readonly Located[], at: Origin): LocatedList => ({ type: 'list', items, at })
export const map = (entries: ReadonlyMap<string, Entry>, at: Origin): LocatedMap => ({ type: 'map', entries, at })

/** Replaces a value that was refused. */
export const broken = (at: Origin): LocatedScalar => scalar(null, { ...at, isBroken: true })

/** The value of a map under a key; undefined for none, and for anything but a map. */
export const get = (value: Located | undefined, key: string): Located | undefined =>
  value?.type === 'map' ? value.entries.get(key)?.value : undefined

export const isNothing = (value: Located): boolean => value.type === 'scalar' && value.value === null

/** The text of a value, that of a number as it is written; undefined for nothing, lists and maps. */
export function textOf(value: Located | undefined): string | undefined {
  if (value?.type !== 'scalar' || value.value === null) return undefined
  return value.written ?? String(value.value)
}

/** A copy of a map with some entries set. Existing keys keep their position. */
export function withEntries(whole: LocatedMap, entries: Iterable<[string, Entry]>): LocatedMap {
  const all = new Map(whole.entries)
  for (const [key, entry] of entries) all.set(key, entry)
  return map(all, whole.at)
}

/** Merges maps key by key, in the order of `base`. Any other value in `base` is replaced. */
export function merge(base: Located, over: Located): Located {
  if (base.type !== 'map' || over.type !== 'map') return over
  if (base.entries.size === 0) return over
  if (over.entries.size === 0) return map(base.entries, over.at)
  const entries = new Map(base.entries)
  for (const [key, entry] of over.entries) {
    const below = entries.get(key)
    entries.set(key, below ? { key: entry.key, value: merge(below.value, entry.value) } : entry)
  }
  return map(entries, over.at)
}

/** A map without some keys. */
export function without(whole: LocatedMap, ...keys: string[]): LocatedMap {
  if (!keys.some((key) => whole.entries.has(key))) return whole
  return map(new Map([...whole.entries].filter(([key]) => !keys.includes(key))), whole.at)
}

export interface Size {
  /** The number of values, the outermost included. */
  values: number
  /** The number of characters of the texts among them. */
  characters: number
}

/** Measures values. Shared values count each time, and are walked through once. */
export class Sizes {
  private readonly known = new WeakMap<Located, Size>()

  of(value: Located): Size {
    if (value.type === 'scalar') return { values: 1, characters: textOf(value)?.length ?? 0 }
    const before = this.known.get(value)
    if (before !== undefined) return before
    const size: Size = { values: 1, characters: 0 }
    for (const inner of value.type === 'list' ? value.items : value.entries.values()) {
      const { values, characters } = this.of('key' in inner ? inner.value : inner)
      size.values += values
      size.characters += characters
    }
    this.known.set(value, size)
    return size
  }
}

/** See `Locate`. */
export function originAt(root: Located, path: Path, part: 'key' | 'value'): { origin: Origin; missing: Path } {
  let at: Located | undefined = root
  let origin = root.at
  for (const [index, step] of path.entries()) {
    const entry: Entry | undefined = at?.type === 'map' ? at.entries.get(String(step)) : undefined
    at = entry?.value ?? (at?.type === 'list' ? at.items[Number(step)] : undefined)
    if (!at) return { origin, missing: path.slice(index) }
    origin = entry && part === 'key' && index === path.length - 1 ? entry.key : at.at
  }
  return { origin, missing: [] }
}
