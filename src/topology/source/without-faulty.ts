// Leaves out what the schema refuses, so that the meaning of the rest can be checked.
import type { z } from 'zod'

type Issue = z.core.$ZodIssue

/** A copy of a topology without the keys of nodes and links, and of the whole file, in which an issue is. */
export function withoutFaulty(plain: unknown, issues: readonly Issue[]): unknown {
  return withEndpoints(issues.flatMap(placesOf).reduce((whole, path) => without(whole, path), plain))
}

/** A link whose endpoints are left out keeps its number, and leads from the first node to itself. */
function withEndpoints(plain: unknown): unknown {
  const { nodes, links } = plain as { nodes?: object; links?: unknown }
  if (!Array.isArray(links)) return plain
  const [first = ''] = Object.keys(nodes ?? {})
  return { ...(plain as object), links: links.map((link) => ({ endpoints: [first, first], ...link })) }
}

/** A key of a node or of a link, or one of the whole file. Lists lose no items, since the others would get their numbers. */
function placesOf({ path, ...issue }: Issue): PropertyKey[][] {
  const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined]
  return keys.map((key) => {
    const whole = key === undefined ? path : [...path, key]
    return whole.slice(0, whole[0] === 'nodes' || whole[0] === 'links' ? 3 : 1)
  })
}

/** Values may be shared by several places, so they are copied along the path. */
function without(value: unknown, [key, ...rest]: readonly PropertyKey[]): unknown {
  if (typeof value !== 'object' || value === null || key === undefined) return value
  if (Array.isArray(value)) return value.map((item, index) => (index === key ? without(item, rest) : item))
  const entries = Object.entries(value)
  return Object.fromEntries(
    rest.length === 0
      ? entries.filter(([name]) => name !== String(key))
      : entries.map(([name, inner]) => [name, name === String(key) ? without(inner, rest) : inner]),
  )
}
