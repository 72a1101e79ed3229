// A value together with where it is written. What rewrites a topology before it is checked (includes, variables, kinds,
// repetition) makes new values out of these, so that each keeps its place in a file.
import type { Source } from './source-text.js'

/** A place in a topology, as keys and indexes from its root. */
export type Path = readonly PropertyKey[]

export type Located = LocatedScalar | LocatedList | LocatedMap

/** Where a value is written. */
export interface Origin {
  source: Source
  /** Offsets into the source's text; `end` is after the last character. */
  start: number
  end: number
  /** Keys and indexes from the root of its file, dotted. */
  path: string
  /** What the place alone does not tell: which repetition this is, what a variable stood for. */
  note?: string
  /** Stands in for a value that was refused: whatever else is wrong with it follows from that. */
  isBroken?: true
}

/** Where a value is written, or its key with `key`; the nearest thing that exists, and what of the path is not there. */
export type Locate = (path: Path, part?: 'key' | 'value') => { origin: Origin; missing: Path }

export interface LocatedScalar {
  type: 'scalar'
  value: unknown
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

export const scalar = (value: unknown, at: Origin): LocatedScalar => ({ type: 'scalar', value, at })
export const list = (items: readonly Located[], at: Origin): LocatedList => ({ type: 'list', items, at })
export const map = (entries: ReadonlyMap<string, Entry>, at: Origin): LocatedMap => ({ type: 'map', entries, at })

/** In place of a value that was refused. */
export const broken = (at: Origin): LocatedScalar => scalar(null, { ...at, isBroken: true })

/** What a map has under a key. */
export const get = (value: Located | undefined, key: string): Located | undefined =>
  value?.type === 'map' ? value.entries.get(key)?.value : undefined

export const isNothing = (value: Located): boolean => value.type === 'scalar' && value.value === null

/** A text, or undefined for anything else. */
export const textOf = (value: Located | undefined): string | undefined =>
  value?.type === 'scalar' && typeof value.value === 'string' ? value.value : undefined

/** The map with some entries set, in place where they are there already. */
export function withEntries(whole: LocatedMap, entries: Iterable<[string, Entry]>): LocatedMap {
  const all = new Map(whole.entries)
  for (const [key, entry] of entries) all.set(key, entry)
  return map(all, whole.at)
}

export function without(whole: LocatedMap, ...keys: string[]): LocatedMap {
  if (!keys.some((key) => whole.entries.has(key))) return whole
  return map(new Map([...whole.entries].filter(([key]) => !keys.includes(key))), whole.at)
}

/** The plain data. What was there once and used often is the same object each time. */
export function toPlain(root: Located): unknown {
  const known = new Map<Located, unknown>()
  const convert = (value: Located): unknown => {
    if (value.type === 'scalar') return value.value
    const before = known.get(value)
    if (before !== undefined) return before
    const plain =
      value.type === 'list'
        ? value.items.map(convert)
        : Object.fromEntries([...value.entries].map(([key, entry]) => [key, convert(entry.value)]))
    known.set(value, plain)
    return plain
  }
  return convert(root)
}

/** How many values a whole consists of; what is shared counts as often as it is there. */
export function sizeOf(root: Located): number {
  const known = new Map<Located, number>()
  const count = (value: Located): number => {
    if (value.type === 'scalar') return 1
    const before = known.get(value)
    if (before !== undefined) return before
    const inner = value.type === 'list' ? value.items : [...value.entries.values()].map((entry) => entry.value)
    const size = inner.reduce((sum, each) => sum + count(each), 1)
    known.set(value, size)
    return size
  }
  return count(root)
}

/** Where the value at a path is written, or its key with `key`; else the innermost thing on the way there. */
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
