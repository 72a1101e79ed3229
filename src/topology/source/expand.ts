// Expands a topology: fills in variables, kinds, defaults and repetitions. The result has every node and every link, and each
// value still has its place in the file.
import type { EndSettings, TopologyLink } from '../schema/topology.js'
import { MAX_TEXT } from '../values/limits.js'
import type { Faults } from './faults.js'
import { wireLans } from './lans.js'
import {
  broken,
  type Entry,
  get,
  isNothing,
  type Located,
  type LocatedMap,
  list,
  map,
  merge,
  type Origin,
  Sizes,
  textOf,
  withEntries,
  without,
} from './located.js'
import { NodeKinds } from './node-kinds.js'
import { Repetition, templatesOf } from './repeat.js'
import type { Variables } from './variables.js'

/** The most values of an expanded topology. */
const MAX_VALUES = 1_000_000

/** A value with a fault is left as it is, or replaced by one that causes no further faults. */
export function expand(written: Located, variables: Variables, faults: Faults): Located {
  if (written.type !== 'map') return written
  const root = variables.substitute(written)
  const repetition = new Repetition(faults)
  const defaults = get(root, 'defaults')
  const kinds = new NodeKinds(get(root, 'kinds'), get(defaults, 'node'), faults)
  const nodes = root.entries.get('nodes')
  const links = root.entries.get('links')
  if (nodes?.value.type !== 'map') return root
  const room = new Room(nodes.key, faults)
  const named = expandNodes(nodes.value, kinds, repetition, room, faults)
  const items = links?.value.type === 'list' ? links.value.items : []
  const single = items.flatMap((link) => expandLink(link, get(defaults, 'link'), repetition, room, faults))
  const { links: wired, switches } = wireLans(single, new Set(named.keys()), faults)
  for (const [name, { key, value }] of switches) {
    named.set(name, { key, value: kinds.complete(value as LocatedMap, (same) => same) })
  }
  const changed: [string, Entry][] = [['nodes', { key: nodes.key, value: map(named, nodes.value.at) }]]
  if (links?.value.type === 'list') changed.push(['links', { key: links.key, value: list(wired, links.value.at) }])
  for (const name of ['kinds', 'defaults']) {
    const entry = root.entries.get(name)
    if (!entry) continue
    const value = withoutTemplates(entry.value)
    changed.push([name, { key: entry.key, value: name === 'defaults' ? withBuiltInKind(value, kinds) : value }])
  }
  const expanded = withEntries(root, changed)
  new Room(nodes.key, faults).take(expanded)
  return expanded
}

/** Counts the values and characters of an expanded topology. */
class Room {
  private readonly sizes = new Sizes()
  private readonly taken = { values: 0, characters: 0 }

  constructor(
    private readonly at: Origin,
    private readonly faults: Faults,
  ) {}

  /** @throws LabError TOPOLOGY_INVALID if there are too many values or characters for the later stages */
  take(value: Located): void {
    const { values, characters } = this.sizes.of(value)
    this.taken.values += values
    this.taken.characters += characters
    this.refuseOver('values', MAX_VALUES)
    this.refuseOver('characters', MAX_TEXT)
  }

  private refuseOver(what: 'values' | 'characters', limit: number): void {
    if (this.taken[what] <= limit) return
    const message = `with kinds, aliases and repetitions filled in, there are over ${limit} ${what} here`
    this.faults.addAt(this.at, message)
    this.faults.throwIfAny()
  }
}

function expandNodes(
  nodes: LocatedMap,
  kinds: NodeKinds,
  repetition: Repetition,
  room: Room,
  faults: Faults,
): Map<string, Entry> {
  const expanded = new Map<string, Entry>()
  for (const [written, entry] of nodes.entries) {
    const description = isNothing(entry.value) ? map(new Map(), entry.value.at) : entry.value
    if (description.type !== 'map') {
      expanded.set(written, entry)
      continue
    }
    const at = get(description, 'repeat')?.at ?? entry.key
    for (const { body, fill, fillName } of repetition.of(description)) {
      if (!repetition.take('nodes', 1, at)) break
      const { name, key } = fillName(written, entry.key)
      if (!expanded.has(name)) {
        const value = kinds.complete(body, fill)
        room.take(value)
        expanded.set(name, { key, value })
        continue
      }
      const isSame = name === written && description.entries.has('repeat')
      faults.addAt(key, `${name} is there twice${isSame ? `; ${nameHelp(name, get(description, 'repeat'))}` : ''}`)
      if (!isSame) continue
      // Further faults of the name would follow from this one.
      expanded.set(name, { key: { ...key, isBroken: true }, value: expanded.get(name)?.value ?? body })
      break
    }
  }
  return expanded
}

/** Says how the names of a repeated node can be made different. */
function nameHelp(name: string, repeat: Located | undefined): string {
  const templates = templatesOf(repeat)
  const [unknown] = /\{[^{}]+\}/.exec(name) ?? []
  return unknown === undefined
    ? `a repeated node needs a variable in its name, such as ${name}${templates[0] ?? '{i}'}`
    : `${unknown} is not filled in: this \`repeat\` has ${templates.join(' and ') || 'no variables'}`
}

/** The links that one description makes, merged over the defaults. */
function expandLink(
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
    const whole = defaults ? merge(fill(defaults), body) : body
    const { single, copies, at = get(link, 'repeat')?.at ?? link.at } = counted(whole, faults)
    for (let copy = 0; copy < copies; copy++) {
      if (!repetition.take('links', linkCount(single), at)) return links
      room.take(single)
      links.push(single)
    }
  }
  return links
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
  count: null,
  repeat: null,
} satisfies Record<keyof TopologyLink, string | null>

const OF_ONE_END = {
  node: null,
  interface: 'an interface',
  addresses: 'an address',
  mac: null,
  mtu: null,
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

/** Replaces the kind in `defaults.node`, which may be one of the topology's own, so that the schema knows it. */
function withBuiltInKind(value: Located, kinds: NodeKinds): Located {
  const node = value.type === 'map' ? value.entries.get('node') : undefined
  if (value.type !== 'map' || !node) return value
  return withEntries(value, [['node', { key: node.key, value: kinds.withBuiltInKind(node.value) }]])
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

/** Replaces values that contain `{…}` by placeholders; they are checked at the node or link that uses them. */
function withoutTemplates(value: Located): Located {
  const isTemplate = (text: string) => /\{[^{}]+\}/.test(text)
  if (value.type === 'scalar') return isTemplate(String(value.value)) ? broken(value.at) : value
  if (value.type === 'list') return list(value.items.map(withoutTemplates), value.at)
  const entries = [...value.entries].map(([name, entry]): [string, Entry] => {
    const key: Origin = isTemplate(name) ? { ...entry.key, isBroken: true } : entry.key
    return [name, { key, value: withoutTemplates(entry.value) }]
  })
  return map(new Map(entries), value.at)
}
