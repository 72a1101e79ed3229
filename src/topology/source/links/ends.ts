// What is written of one end of a link under a key that is called like it, such as `r1: { rate: 10mbit }`. It is moved to the
// endpoint, as if that were written as a map.
import { IMPAIRMENT_KEYS } from '../../schema/impairments.js'
import { link as linkSchema } from '../../schema/topology.js'
import type { Faults } from '../faults.js'
import {
  type Entry,
  get,
  isNothing,
  type Located,
  type LocatedMap,
  list,
  map,
  scalar,
  textOf,
  withEntries,
  without,
} from '../located.js'

const LINK_KEYS: readonly string[] = Object.keys(linkSchema.out.shape)

/** Keys that an endpoint has beside what is here. */
const END_KEYS: readonly string[] = ['node', 'interface', 'addresses', 'mac', 'mtu']

/** The text of an endpoint in its parts. */
export interface NamedEnd {
  node: string
  /** undefined: it has no written name. */
  interface: string | undefined
}

/** The node and the interface of an endpoint; null if it is none, which the schema refuses. */
export function namedEnd(endpoint: Located): NamedEnd | null {
  if (endpoint.type === 'map') {
    const node = textOf(get(endpoint, 'node'))
    return node === undefined ? null : { node, interface: textOf(get(endpoint, 'interface')) }
  }
  const text = textOf(endpoint)
  if (text === undefined) return null
  const colon = text.indexOf(':')
  return colon < 0
    ? { node: text, interface: undefined }
    : { node: text.slice(0, colon), interface: text.slice(colon + 1) }
}

/** Moves what is written under the names of endpoints to them. The keys of a link win over nodes of the same name. */
export function withEnds(link: Located, faults: Faults): Located {
  const endpoints = get(link, 'endpoints')
  if (link.type !== 'map') return link
  if (endpoints?.type !== 'list' || endpoints.items.length === 0) return withoutLikeEnds(link)
  const items = [...endpoints.items]
  const moved: string[] = []
  for (const [name, { key, value }] of link.entries) {
    if (LINK_KEYS.includes(name)) continue
    const found = matching(items, name)
    const [at] = found
    if (at === undefined) {
      // The key may be that of an end that has a fault.
      if (value.type === 'map' && items.some((item) => namedEnd(item) === null)) {
        moved.push(name)
        continue
      }
      const node = name.split(':')[0] as string
      if (!name.includes(':') || matching(items, node).length !== 1) continue
      faults.addAt(
        key,
        `${node} has no written interface at this link: write \`${node}\`, or ${name} under \`endpoints\``,
      )
      moved.push(name)
      continue
    }
    moved.push(name)
    if (found.length > 1) {
      faults.addAt(
        key,
        `${found.length} ends of this link are in ${name}: write NODE:INTERFACE of the one that is meant`,
      )
      continue
    }
    if (value.type !== 'map') {
      const what = isNothing(value) ? 'nothing' : value.type === 'list' ? 'a list' : JSON.stringify(textOf(value))
      faults.addAt(value.at, `expected a map of what ${name} sends, such as { rate: 10mbit }, got ${what}`)
      continue
    }
    items[at] = joined(items[at] as Located, value, name, faults)
  }
  if (moved.length === 0) return link
  const { key } = link.entries.get('endpoints') as Entry
  return withEntries(without(link, ...moved), [['endpoints', { key, value: list(items, endpoints.at) }]])
}

/** Without keys that may be those of ends, where the endpoints have a fault. */
function withoutLikeEnds(link: LocatedMap): LocatedMap {
  const isLikeEnd = ([name, { value }]: [string, Entry]) => value.type === 'map' && !LINK_KEYS.includes(name)
  return without(link, ...[...link.entries].filter(isLikeEnd).map(([name]) => name))
}

/** The endpoints that a key can mean. */
function matching(endpoints: readonly Located[], name: string): number[] {
  return endpoints.flatMap((endpoint, at) => {
    const end = namedEnd(endpoint)
    if (!end) return []
    return end.node === name || `${end.node}:${end.interface ?? ''}` === name ? [at] : []
  })
}

function joined(endpoint: Located, settings: LocatedMap, name: string, faults: Faults): Located {
  const whole = endpoint.type === 'map' ? endpoint : asMap(endpoint)
  const [first] = settings.entries.values()
  if (first && IMPAIRMENT_KEYS.some((key) => whole.entries.has(key))) {
    faults.addAt(first.key, `what ${name} sends is described at another place already: write it in one`)
    return endpoint
  }
  const others = [...settings.entries].filter(([key]) => END_KEYS.includes(key))
  for (const [key, { key: at }] of others)
    faults.addAt(at, `${key} of an end is written under \`endpoints\`: { node: ${name.split(':')[0]}, ${key}: … }`)
  return withEntries(whole, without(settings, ...END_KEYS).entries)
}

/** An endpoint that is written as a text, as a map. */
function asMap(endpoint: Located): LocatedMap {
  const { node, interface: name } = namedEnd(endpoint) as NamedEnd
  const entry = (text: string): Entry => ({ key: endpoint.at, value: scalar(text, endpoint.at) })
  const entries: [string, Entry][] = [
    ['node', entry(node)],
    ...(name === undefined ? [] : [['interface', entry(name)] as [string, Entry]]),
  ]
  return map(new Map(entries), endpoint.at)
}
