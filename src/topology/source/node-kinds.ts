// Kinds of nodes: `defaults.node`, and `kinds`, which build on each other and on the three built-in kinds.

import { NODE_KINDS } from '../schema/topology.js'
import { suggestion } from '../values/suggest.js'
import type { Faults } from './faults.js'
import {
  get,
  type Located,
  type LocatedMap,
  merge,
  type Origin,
  scalar,
  textOf,
  withEntries,
  without,
} from './located.js'

interface Kind {
  /** The built-in kind that it builds on in the end. */
  base: string
  /** Its description, after those of the kinds that it builds on. */
  layers: readonly Located[]
  /** Why there is no such kind; told wherever it is named. */
  fault?: string
}

const MAX_DEPTH = 32

/** The most kinds that a message lists. */
const MAX_LISTED = 20

function listed(names: readonly string[]): string {
  const first = names.slice(0, MAX_LISTED).join(', ')
  return names.length > MAX_LISTED ? `${first} and ${names.length - MAX_LISTED} more` : first
}

const ofKind = (node: LocatedMap, base: string, at: Origin): LocatedMap =>
  withEntries(node, [['kind', { key: at, value: scalar(base, at) }]])

const isBuiltIn = (name: string): boolean => (NODE_KINDS as readonly string[]).includes(name)

/** The kinds of a topology. A kind with the name of a built-in kind adds to that one. */
export class NodeKinds {
  private readonly known = new Map<string, Kind>()

  constructor(
    private readonly kinds: Located | undefined,
    private readonly defaults: Located | undefined,
    private readonly faults: Faults,
  ) {
    if (kinds?.type === 'map') for (const [name, { key }] of kinds.entries) this.kind(name, key, [])
  }

  /**
   * Merges a node over its kind and the defaults.
   *
   * @param fill fills the variables of `repeat` in, for one instance of a repeated node
   */
  complete(node: LocatedMap, fill: (value: Located) => Located): Located {
    const defaults = this.defaults && fill(this.defaults)
    const named = get(node, 'kind') ?? get(defaults, 'kind')
    const name = named === undefined ? 'host' : textOf(named)
    // The schema refuses a kind that is no text.
    const kind = name === undefined ? undefined : this.kind(name, (named ?? node).at, [])
    const layers = [...(defaults ? [defaults] : []), ...(kind?.layers.map(fill) ?? []), node]
    const whole = layers.reduce(merge)
    if (!named || !kind || whole.type !== 'map') return whole
    return ofKind(whole, kind.base, named.at)
  }

  /** Replaces the kind of a description by the built-in kind that it builds on. */
  withBuiltInKind(node: Located): Located {
    const named = get(node, 'kind')
    const name = textOf(named)
    if (node.type !== 'map' || !named || name === undefined) return node
    return ofKind(node, this.kind(name, named.at, []).base, named.at)
  }

  /** @param chain the kinds that build on this one */
  private kind(name: string, at: Origin, chain: readonly string[]): Kind {
    const kind = this.known.get(name) ?? this.read(name, chain)
    this.known.set(name, kind)
    if (kind.fault !== undefined) this.faults.addAt(at, kind.fault)
    return kind
  }

  private read(name: string, chain: readonly string[]): Kind {
    const body = get(this.kinds, name)
    if (isBuiltIn(name)) return { base: name, layers: this.layersOf(body, name) }
    if (!body) {
      const all = [...NODE_KINDS, ...(this.kinds?.type === 'map' ? this.kinds.entries.keys() : [])]
      const fault = `there is no kind ${name}${suggestion(name, all) || `; there are ${listed(all)}`}`
      return { base: 'host', layers: [], fault }
    }
    const below = get(body, 'extends')
    const belowName = below === undefined ? 'host' : textOf(below)
    if (belowName === undefined) return { base: 'host', layers: this.layersOf(body, name) }
    const path = [...chain, name]
    if (path.includes(belowName)) {
      this.faults.addAt(
        (below ?? body).at,
        `kinds extend each other in a loop: ${[...path.slice(path.indexOf(belowName)), belowName].join(' → ')}`,
      )
      return { base: 'host', layers: [] }
    }
    if (path.length > MAX_DEPTH) {
      this.faults.addAt((below ?? body).at, `kinds extend each other over ${MAX_DEPTH} deep`)
      return { base: 'host', layers: [] }
    }
    const { base, layers } = this.kind(belowName, (below ?? body).at, path)
    if (layers.length > MAX_DEPTH) {
      this.faults.addAt((below ?? body).at, `kinds extend each other over ${MAX_DEPTH} deep`)
      return { base: 'host', layers: [] }
    }
    return { base, layers: [...layers, ...this.layersOf(body, name)] }
  }

  private layersOf(body: Located | undefined, name: string): Located[] {
    if (body?.type !== 'map') return []
    const below = body.entries.get('extends')
    if (below && isBuiltIn(name)) this.faults.addAt(below.key, `${name} is built in; it extends nothing`)
    return [without(body, 'extends', 'kind')]
  }
}
