// What is left out of a topology because of faults, so that the meaning of the rest can be checked.
import type { z } from 'zod'
import type { TopologyFile } from '../schema/topology.js'
import type { Located, Origin, Path } from './located.js'

type Issue = z.core.$ZodIssue

/** A part of an expanded topology that has a fault. */
export interface LeftOut {
  path: Path
  /** The texts of the part, or of its whole link, which may name nodes. */
  texts: readonly string[]
}

/** Keys of a node that are maps with names as keys: one entry can be left out without the others. */
const MAPS: readonly PropertyKey[] = [
  ...['addresses', 'env', 'files', 'hosts', 'interfaces', 'labels', 'mac', 'nexthops', 'sysctls'],
]

/** The parts in which the schema has found issues: keys of nodes and of links, and those of the whole file. */
export const partsWithIssues = (issues: readonly Issue[]): Path[] =>
  issues.flatMap(({ path, ...issue }) => {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined]
    return keys.map((key) => partOf(key === undefined ? path : [...path, key]))
  })

/** Lists lose no items, since the others would get their numbers. */
function partOf(path: Path): Path {
  if (path[0] === 'links') return path.slice(0, 3)
  if (path[0] !== 'nodes') return path.slice(0, 1)
  return path.slice(0, path[2] !== undefined && MAPS.includes(path[2]) ? 4 : 3)
}

/**
 * The parts that were refused when the topology was expanded.
 *
 * @param origins of the faults
 * @returns `rest`: the origins that are in no part of the expanded topology
 */
export function partsRefused(root: Located, origins: readonly Origin[]): { parts: Path[]; rest: Origin[] } {
  const parts: Path[] = []
  const found = new Set<string>()
  const wanted = new Set(origins.map(identityOf))
  const check = (at: Origin, path: Path): boolean => {
    const identity = identityOf(at)
    const isRefused = wanted.has(identity)
    if (isRefused) found.add(identity)
    if (isRefused || at.isBroken) parts.push(partOf(path))
    return isRefused || at.isBroken === true
  }
  const visit = (value: Located, path: Path): void => {
    if (path.length > 0 && check(value.at, path)) return
    if (value.type === 'list') for (const [index, item] of value.items.entries()) visit(item, [...path, index])
    if (value.type !== 'map') return
    for (const [name, entry] of value.entries) {
      const own = [...path, name]
      if (path.length === 0 && ['kinds', 'defaults', 'vars', 'include'].includes(name)) continue
      if (path.length === 0 || !check(entry.key, own)) visit(entry.value, own)
    }
  }
  visit(root, [])
  return { parts, rest: origins.filter((at) => !found.has(identityOf(at))) }
}

const identityOf = ({ source, start, end }: Origin): string => `${start} ${end} ${source.file ?? ''}`

/** By key, what is left out below it; `all` for the whole value. */
type Tree = Map<PropertyKey, Tree> | 'all'

/** A copy of a topology without some parts. A link without endpoints keeps its number, and has an empty list. */
export function without(plain: unknown, parts: readonly Path[]): unknown {
  const whole = pruned(plain, treeOf(parts))
  const { links } = whole as { links?: unknown }
  if (!Array.isArray(links)) return whole
  return { ...(whole as object), links: links.map((link) => ({ endpoints: PLACEHOLDER, ...link })) }
}

/** What the schema takes for the endpoints of a link whose own are left out. */
const PLACEHOLDER = ['-', '-']

/** Takes the endpoints of links away whose own are left out. */
export function withoutPlaceholders(links: TopologyFile['links'], parts: readonly Path[]): TopologyFile['links'] {
  const isLeftOut = new Set(
    parts.flatMap(([key, link, what = 'endpoints']) => (key === 'links' && what === 'endpoints' ? [Number(link)] : [])),
  )
  return links.map((link, index) => (isLeftOut.has(index) ? { ...link, endpoints: [] } : link))
}

function treeOf(parts: readonly Path[]): Tree {
  const root: Exclude<Tree, 'all'> = new Map()
  for (const part of parts) {
    let at = root
    for (const [index, step] of part.entries()) {
      const key = String(step)
      const below = at.get(key)
      if (below === 'all') break
      const isLast = index === part.length - 1
      const next: Tree = isLast ? 'all' : (below ?? new Map())
      at.set(key, next)
      if (next !== 'all') at = next
    }
  }
  return root
}

/** Values may be shared by several places, so they are copied along the paths. */
function pruned(value: unknown, tree: Tree): unknown {
  if (typeof value !== 'object' || value === null || tree === 'all') return value
  if (Array.isArray(value)) return value.map((item, index) => prunedItem(item, tree.get(String(index))))
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => {
      const below = tree.get(name)
      if (below === undefined) return [[name, inner]]
      return below === 'all' ? [] : [[name, pruned(inner, below)]]
    }),
  )
}

const prunedItem = (item: unknown, below: Tree | undefined): unknown => {
  if (below === undefined) return item
  return below === 'all' ? {} : pruned(item, below)
}

/** The texts in a part of a plain topology. A fault of a link may be in the wrong key, so the whole link counts. */
export function textsOf(plain: unknown, part: Path): string[] {
  const path = part[0] === 'links' ? part.slice(0, 2) : part
  return allTexts(path.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown> | null)?.[step], plain))
}

function allTexts(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  const keys = Array.isArray(value) ? [] : Object.keys(value)
  return [...keys, ...Object.values(value).flatMap(allTexts)]
}
