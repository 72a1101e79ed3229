// Links with more than two endpoints, called LANs, and links with one, called stubs. Each becomes a switch, and a link from each
// endpoint to this switch. A stub's switch has one port, so that its interface has a carrier and leads nowhere.
import { IMPAIRMENT_KEYS } from '../../schema/impairments.js'
import type { Faults } from '../faults.js'
import {
  type Entry,
  get,
  type Located,
  type LocatedList,
  type LocatedMap,
  list,
  map,
  scalar,
  textOf,
  without,
} from '../located.js'

/** Keys of a link that only matter to frames that arrive somewhere. */
const OF_FRAMES = [...IMPAIRMENT_KEYS, 'pairs', 'emulation']

export interface ExpandedLans {
  links: Located[]
  /** The switches, by name. */
  switches: Map<string, Entry>
}

/**
 * Replaces each LAN and stub by its links. Its switch has the name of the LAN. The switches of LANs without a name are called
 * lan1, lan2, …, or lan1-2 if there is a node lan1 already; those of stubs stub1, stub2, ….
 */
export function wireLans(links: readonly Located[], nodes: ReadonlySet<string>, faults: Faults): ExpandedLans {
  const switches = new Map<string, Entry>()
  const isTaken = (name: string) => nodes.has(name) || switches.has(name)
  const linkNames = new Set<string>()
  const unnamed = { lan: 0, stub: 0 }
  const wired = links.flatMap((link) => {
    refuseTakenName(get(link, 'name'), linkNames, faults)
    const endpoints = get(link, 'endpoints')
    if (link.type !== 'map' || endpoints?.type !== 'list') return [link]
    // The schema refuses a link without endpoints, which may be meant for a LAN.
    if (endpoints.items.length === 0) return [without(link, 'pairs')]
    if (endpoints.items.length === 2) return [withoutPairs(link, faults)]
    const stem = endpoints.items.length === 1 ? 'stub' : 'lan'
    const given = get(link, 'name')
    const name = textOf(given) ?? freeName(`${stem}${++unnamed[stem]}`, isTaken)
    if (given && isTaken(name)) {
      faults.addAt(
        given.at,
        `the switch of this ${stem === 'lan' ? 'LAN' : 'stub'} would be called ${name}, and there is a node of that name`,
      )
    }
    const at = (given ?? link).at
    const kind = { key: at, value: scalar('switch', at) }
    switches.set(name, { key: at, value: map(new Map([['kind', kind]]), at) })
    const whole = stem === 'stub' ? withoutImpairments(link, faults) : link
    return endpoints.items.map((endpoint) => linkTo(whole, endpoint, name))
  })
  return { links: wired, switches }
}

/** Pairs are of stations. */
function withoutPairs(link: LocatedMap, faults: Faults): LocatedMap {
  const pairs = link.entries.get('pairs')
  if (!pairs) return link
  faults.addAt(
    pairs.key,
    '`pairs` is for LANs, links of more than two endpoints; write `NODE: {…}` for what one end sends',
  )
  return without(link, 'pairs')
}

/** What a stub's node sends goes nowhere. Defaults, which are of every link, are no fault here. */
function withoutImpairments(stub: LocatedMap, faults: Faults): LocatedMap {
  for (const key of OF_FRAMES) {
    const entry = stub.entries.get(key)
    if (entry && !entry.key.path.startsWith('defaults.'))
      faults.addAt(entry.key, `${key} does nothing on a stub, whose frames go nowhere`)
  }
  const end = (get(stub, 'endpoints') as LocatedList).items[0]
  for (const key of IMPAIRMENT_KEYS) {
    const entry = end?.type === 'map' ? end.entries.get(key) : undefined
    if (entry) faults.addAt(entry.key, `${key} does nothing on a stub, whose frames go nowhere`)
  }
  return without(stub, ...OF_FRAMES)
}

function refuseTakenName(written: Located | undefined, taken: Set<string>, faults: Faults): void {
  const name = textOf(written)
  if (written === undefined || name === undefined) return
  if (taken.has(name)) faults.addAt(written.at, `${name} is the name of another link already`)
  taken.add(name)
}

function freeName(stem: string, isTaken: (name: string) => boolean): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? stem : `${stem}-${number}`
    if (!isTaken(name)) return name
  }
}

/** The link from one endpoint of a LAN to its switch, with all other keys of the LAN. */
function linkTo(lan: LocatedMap, endpoint: Located, name: string): Located {
  const { key, value } = lan.entries.get('endpoints') as Entry
  const ends = list([endpoint, scalar(name, lan.at)], value.at)
  // The schema refuses a name that is no text.
  const rest = textOf(get(lan, 'name')) === undefined ? lan : without(lan, 'name')
  return map(new Map([...rest.entries, ['endpoints', { key, value: ends }]]), lan.at)
}
