// Merges two descriptions: that of a node over that of its kind, or a file over one that it includes.
import { type Located, map } from './located.js'

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
