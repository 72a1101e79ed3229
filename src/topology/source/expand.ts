// Expands a topology: fills in variables, kinds, defaults and repetitions. The result has every node and every link, and each
// value still has its place in the file.
import { MAX_TEXT } from '../values/limits.js'
import { expandSteps } from './expand-steps.js'
import type { Faults } from './faults.js'
import { expandLink } from './links/expand-link.js'
import { wireLans } from './links/lans.js'
import {
  broken,
  type Entry,
  get,
  isNothing,
  type Located,
  type LocatedMap,
  list,
  map,
  type Origin,
  Sizes,
  withEntries,
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
  const scenario = root.entries.get('scenario')
  if (scenario) changed.push(['scenario', { key: scenario.key, value: expandSteps(scenario.value, faults) }])
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

/** Replaces the kind in `defaults.node`, which may be one of the topology's own, so that the schema knows it. */
function withBuiltInKind(value: Located, kinds: NodeKinds): Located {
  const node = value.type === 'map' ? value.entries.get('node') : undefined
  if (value.type !== 'map' || !node) return value
  return withEntries(value, [['node', { key: node.key, value: kinds.withBuiltInKind(node.value) }]])
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
