// Links as they are written: the short form, `defaults.link`, `repeat` and `count` are filled in.
import { IMPAIRMENT_KEYS, type ImpairmentKey } from '../../schema/impairments.js'
import type { EndSettings, TopologyLink } from '../../schema/topology.js'
import type { Faults } from '../faults.js'
import {
  type Entry,
  get,
  type Located,
  type LocatedMap,
  list,
  map,
  merge,
  type Origin,
  textOf,
  without,
} from '../located.js'
import type { Repetition } from '../repeat.js'
import { withEnds } from './ends.js'

/** Counts values against the limits of a topology. */
interface Room {
  take(value: Located): void
}

/** The links that one description makes, merged over the defaults. */
export function expandLink(
  written: Located,
  defaults: Located | undefined,
  repetition: Repetition,
  room: Room,
  faults: Faults,
): Located[] {
  const link = written.type === 'list' ? pair(written.items, written) : written
  if (link.type !== 'map') return [link]
  const links: Located[] = []
  for (const { body, fill } of repetition.of(link)) {
    const whole = withEnds(defaults ? overDefaults(fill(defaults), body) : body, faults)
    const { single, copies, at = get(link, 'repeat')?.at ?? link.at } = counted(whole, faults)
    for (let copy = 0; copy < copies; copy++) {
      if (!repetition.take('links', linkCount(single), at)) return links
      room.take(single)
      links.push(single)
    }
  }
  return links
}

/**
 * A link over the defaults. An impairment of its own replaces the default one whole, and a preset of its own replaces them all;
 * a rate and a trace replace each other.
 */
function overDefaults(defaults: Located, link: LocatedMap): Located {
  if (defaults.type !== 'map') return merge(defaults, link)
  const has = (key: string) => link.entries.has(key)
  const isReplaced = (key: string) =>
    has('preset') || has(key) || (key === 'rate' && has('trace')) || (key === 'trace' && has('rate'))
  return merge(without(defaults, ...IMPAIRMENT_KEYS.filter(isReplaced)), link)
}

/** Reads `count` of a link: the link without it, the number of copies, and where it is written. */
function counted(link: Located, faults: Faults): { single: Located; copies: number; at?: Origin } {
  const count = get(link, 'count')
  const copies = count?.type === 'scalar' ? count.value : undefined
  // The schema refuses any other count.
  if (link.type !== 'map' || !count || typeof copies !== 'number' || !Number.isInteger(copies) || copies < 1)
    return { single: link, copies: 1 }
  const single = without(link, 'count')
  const own = copies === 1 ? [] : ofOneLink(single)
  for (const { what, at } of own)
    faults.addAt(at, `\`count\` makes ${copies} links, and ${what} is of one; \`repeat\` can give each its own`)
  return { single, copies: own.length === 0 ? copies : 1, at: count.at }
}

const OF_NONE = Object.fromEntries(IMPAIRMENT_KEYS.map((key) => [key, null])) as Record<ImpairmentKey, null>

/** By key of a link, a noun if only one link can have the value; null if many links can have the same. */
const OF_ONE_LINK = {
  endpoints: null,
  name: 'a name',
  subnets: 'a subnet',
  unnumbered: null,
  private: null,
  families: null,
  mtu: null,
  cost: null,
  ...OF_NONE,
  pairs: null,
  emulation: null,
  count: null,
  repeat: null,
} satisfies Record<keyof TopologyLink, string | null>

const OF_ONE_END = {
  node: null,
  interface: 'an interface',
  addresses: 'an address',
  mac: null,
  mtu: null,
  ...OF_NONE,
} satisfies Record<keyof EndSettings, string | null>

/** Finds the values of a link that no second link can have. */
function ofOneLink(link: Located): { what: string; at: Origin }[] {
  const ends = get(link, 'endpoints')
  const keysOf = (value: Located, nouns: Record<string, string | null>) =>
    Object.entries(nouns).map(([key, what]) => ({ what, value: get(value, key) }))
  const all = [
    ...keysOf(link, OF_ONE_LINK),
    ...(ends?.type === 'list' ? ends.items : []).flatMap((end) =>
      textOf(end)?.includes(':') ? { what: OF_ONE_END.interface, value: end } : keysOf(end, OF_ONE_END),
    ),
  ]
  return all.flatMap(({ what, value }) => {
    const isThere = value?.type === 'list' ? value.items.length > 0 : value !== undefined
    return what !== null && value && isThere ? [{ what, at: value.at }] : []
  })
}

/** The number of links that a description becomes: a LAN becomes one for each of its endpoints. */
function linkCount(link: Located): number {
  const ends = get(link, 'endpoints')
  return ends?.type === 'list' && ends.items.length > 2 ? ends.items.length : 1
}

/** Turns the short form of a link, a list of endpoints, into a map. */
function pair(items: readonly Located[], { at }: Located): LocatedMap {
  const path = `${at.path}.endpoints`
  const ends = items.map((item, index) => moved(item, item.at.path, `${path}.${index}`))
  return map(new Map([['endpoints', { key: at, value: list(ends, { ...at, path }) }]]), at)
}

/** Replaces the beginning of all paths in a value, since messages name the place in the long form of a link. */
function moved(value: Located, from: string, to: string): Located {
  const there = (at: Origin): Origin => {
    const isBelow = at.path === from || at.path.startsWith(`${from}.`)
    return isBelow ? { ...at, path: to + at.path.slice(from.length) } : at
  }
  if (value.type === 'scalar') return { ...value, at: there(value.at) }
  const within = (inner: Located) => moved(inner, from, to)
  if (value.type === 'list') return list(value.items.map(within), there(value.at))
  const entries = [...value.entries].map(([name, entry]): [string, Entry] => [
    name,
    { key: there(entry.key), value: within(entry.value) },
  ])
  return map(new Map(entries), there(value.at))
}
