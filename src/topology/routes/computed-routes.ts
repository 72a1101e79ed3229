// Every node's computed routes. Small tables are as a person expects to read them, one route a subnet; large ones are
// compressed (compress.ts), and never written out first: a thousand routers would have millions of routes.

import type { NextHop, ResolvedRoute } from '../../model/resolved.js'
import type { InterfaceAddresses } from '../addresses/interface-addresses.js'
import type { Topology } from '../source/topology.js'
import { type Prefix, parsePrefix } from '../values/prefix.js'
import type { Segment } from '../wiring/segments.js'
import { compressTable, NOWHERE } from './compress.js'
import { type WaySets, waySets } from './edge-sets.js'
import { type Graph, graphOf, isSameShape, type Way } from './graph.js'
import { Sources } from './originators.js'
import { isSameTree, type PrefixTree, prefixTree } from './prefix-tree.js'
import { ShortestPaths } from './shortest-paths.js'

/** With `compress: auto`, a table of one family that would be longer is compressed. */
const LONG = 200

/**
 * Computes every node's routes to every subnet and loopback it is not on, with all next hops of equal cost. A host whose
 * destinations all have the same next hops gets a default route instead.
 *
 * @param written destinations of the main table that each node has routes to already; what is computed must not hide them
 */
export function computeRoutes(
  topology: Topology,
  segments: readonly Segment[],
  addresses: InterfaceAddresses,
  written: (node: string) => readonly string[],
): Map<string, ResolvedRoute[]> {
  const names = [...topology.nodes.keys()]
  const graphs = topology.families.map((family) => graphOf(topology, segments, addresses, family))
  const makers = byShape(graphs).map((alike) => new TableMaker(alike, topology.compress))
  return new Map(names.map((name, node) => [name, makers.flatMap((maker) => maker.tablesOf(node, written(name)))]))
}

/** Both families mostly have the same shape, and then one computation serves both. */
function byShape(graphs: readonly Graph[]): (readonly Graph[])[] {
  const [first, ...others] = graphs
  return first && others.every((other) => isSameShape(first, other)) ? [graphs] : graphs.map((graph) => [graph])
}

/** Makes the tables of families whose graphs have the same shape. */
class TableMaker {
  private readonly paths: ShortestPaths
  private readonly sources: Sources
  /** By family; null where prefixes overlap, so that nothing can be compressed. */
  private readonly trees: readonly (PrefixTree | null)[]
  /** The same, but for those that are like the first: there is that one. */
  private readonly shapes: readonly (PrefixTree | null)[]

  constructor(
    private readonly graphs: readonly Graph[],
    private readonly compress: Topology['compress'],
  ) {
    const graph = graphs[0] as Graph
    this.sources = new Sources(graph)
    this.paths = new ShortestPaths(graph, this.sources.nodes)
    this.trees = graphs.map(({ family, destinations }) =>
      compress === 'never'
        ? null
        : prefixTree(
            family,
            destinations.map(({ text }) => parsePrefix(text) as Prefix),
          ),
    )
    const [first = null] = this.trees
    this.shapes = this.trees.map((tree) => (first && tree && isSameTree(first, tree) ? first : tree))
  }

  /** A node's tables, one family's after the other's. */
  tablesOf(node: number, written: readonly string[]): ResolvedRoute[] {
    const { isRouter, ways } = this.graphs[0] as Graph
    const own = ways[node] ?? []
    const [first] = own
    if (!first) return []
    // A host with one way needs no table: whatever it sends, it sends there.
    if (!isRouter[node] && own.length === 1 && isRouter[first.to]) return this.defaultRoutes(node, [0])
    const sets = waySets(own.length)
    const labels = this.sources.labelsOf(node, this.paths.from(node, sets, NOWHERE), sets)
    if (!isRouter[node] && isUniform(labels))
      return this.defaultRoutes(node, sets.waysOf(labels.find((label) => label >= 0) as number))
    const entries = new Entries(labels)
    return this.graphs.flatMap((graph, index) => {
      const hops = new NextHops(
        sets,
        (graph.ways[node] ?? []).map(({ nextHop }) => nextHop),
      )
      return this.compressed(index, entries, hops, written) ?? plainTable(graph, labels, hops)
    })
  }

  private defaultRoutes(node: number, ways: readonly number[]): ResolvedRoute[] {
    return this.graphs.map(({ family, ways: all }) => ({
      family,
      destination: family === 4 ? '0.0.0.0/0' : '::/0',
      nextHops: ways.map((way) => ((all[node] as Way[])[way] as Way).nextHop),
      source: null,
    }))
  }

  /** null where the plain table is to be kept. */
  private compressed(
    index: number,
    entries: Entries,
    hops: NextHops,
    written: readonly string[],
  ): ResolvedRoute[] | null {
    const [tree, shape] = [this.trees[index] ?? null, this.shapes[index] ?? null]
    const { family } = this.graphs[index] as Graph
    if (tree === null || shape === null || (this.compress === 'auto' && entries.count <= LONG)) return null
    // What is written wins over what it is more special than: over routes to single subnets that is nobody, over what
    // covers many it could be anybody.
    if (written.some((text) => text.includes(':') === (family === 6) && !text.endsWith('/0'))) return null
    const routes = entries.of(shape).map(({ node, label }): ResolvedRoute => {
      const destination = (tree.prefixes[node] as Prefix).networkText
      if (label === NOWHERE) return { family, destination, nextHops: [], source: null, type: 'unreachable' }
      return { family, destination, nextHops: hops.of(label), source: null }
    })
    return routes.length < entries.count ? routes : null
  }
}

function plainTable({ family, destinations }: Graph, labels: Int32Array, hops: NextHops): ResolvedRoute[] {
  return destinations.flatMap(({ text }, index) => {
    const label = labels[index] as number
    return label < 0 ? [] : [{ family, destination: text, nextHops: hops.of(label), source: null }]
  })
}

/** A node's compressed table, before it is one of a family. That of the last tree is kept. */
class Entries {
  /** Of the plain table. */
  readonly count: number
  private made: { tree: PrefixTree; entries: ReturnType<typeof compressTable> } | null = null

  constructor(private readonly labels: Int32Array) {
    this.count = labels.reduce((sum, label) => (label >= 0 ? sum + 1 : sum), 0)
  }

  of(tree: PrefixTree): ReturnType<typeof compressTable> {
    if (this.made?.tree !== tree) this.made = { tree, entries: compressTable(tree, this.labels) }
    return this.made.entries
  }
}

/** A node's next hops. The same set is the same array, since routes are many and sets are few. */
class NextHops {
  private readonly known = new Map<number, NextHop[]>()

  constructor(
    private readonly sets: WaySets,
    private readonly all: readonly NextHop[],
  ) {}

  of(label: number): NextHop[] {
    const known = this.known.get(label)
    if (known) return known
    const hops = this.sets.waysOf(label).map((way) => this.all[way] as NextHop)
    this.known.set(label, hops)
    return hops
  }
}

/** Whether there are routes, all with the same next hops. */
function isUniform(labels: Int32Array): boolean {
  const first = labels.find((label) => label >= 0)
  return first !== undefined && labels.every((label) => label === first || label < 0)
}
