// Computes the routes of every node. Small tables have one route for each subnet, as a person expects to read them. Large ones
// are compressed (compress.ts) without being written out first, since a thousand routers would have millions of routes.

import type { NextHop, ResolvedRoute } from '../../model/resolved.js'
import type { InterfaceAddresses } from '../addresses/interface-addresses.js'
import type { Faults } from '../source/faults.js'
import type { Topology } from '../source/topology.js'
import { MAX_ROUTES } from '../values/limits.js'
import { type Prefix, parsePrefix } from '../values/prefix.js'
import type { Segment } from '../wiring/segments.js'
import { compressTable, NO_ROUTE } from './compress.js'
import { type EdgeSets, edgeSets } from './edge-sets.js'
import { type Edge, type Graph, graphOf, isSameShape } from './graph.js'
import { Originators } from './originators.js'
import { isSameTree, type PrefixTree, prefixTree } from './prefix-tree.js'
import { ShortestPaths } from './shortest-paths.js'

/** With `compress: auto`, a table of one family with more routes is compressed. */
const LONGEST_PLAIN = 200

/**
 * Computes every node's routes to every subnet and loopback it is not on, with all next hops of equal cost. A host whose
 * destinations all have the same next hops gets a default route instead.
 *
 * @param written the destinations of a node's written routes in the main table; computed routes must not hide these
 */
export function computeRoutes(
  topology: Topology,
  segments: readonly Segment[],
  addresses: InterfaceAddresses,
  written: (node: string) => readonly string[],
  faults: Faults,
): Map<string, ResolvedRoute[]> {
  const names = [...topology.nodes.keys()]
  const graphs = topology.families.map((family) => graphOf(topology, segments, addresses, family))
  const makers = byShape(graphs).map((alike) => new TableMaker(alike, topology.compress))
  const tables = new Map<string, ResolvedRoute[]>()
  let count = 0
  for (const [node, name] of names.entries()) {
    const table = makers.flatMap((maker) => maker.tablesOf(node, written(name)))
    count += table.length
    if (count > MAX_ROUTES) {
      faults.add(['links'], `the nodes of this lab would have over ${MAX_ROUTES} routes; \`routing: none\` makes none`)
      break
    }
    tables.set(name, table)
  }
  return tables
}

/** Groups graphs of the same shape. Both families mostly have the same shape, and then the paths are computed once. */
function byShape(graphs: readonly Graph[]): (readonly Graph[])[] {
  const [first, ...others] = graphs
  return first && others.every((other) => isSameShape(first, other)) ? [graphs] : graphs.map((graph) => [graph])
}

/** Makes the tables of families whose graphs have the same shape. */
class TableMaker {
  private readonly paths: ShortestPaths
  private readonly originators: Originators
  /** By family; null if prefixes overlap, so that the table cannot be compressed. */
  private readonly trees: readonly (PrefixTree | null)[]
  /** The same trees; every tree of the same shape as the first is replaced by the first. */
  private readonly shapes: readonly (PrefixTree | null)[]

  constructor(
    private readonly graphs: readonly Graph[],
    private readonly compress: Topology['compress'],
  ) {
    const graph = graphs[0] as Graph
    this.originators = new Originators(graph)
    this.paths = new ShortestPaths(graph, this.originators.nodes)
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

  /** The tables of a node, one family after the other. */
  tablesOf(node: number, written: readonly string[]): ResolvedRoute[] {
    const { isRouter, edges } = this.graphs[0] as Graph
    const own = edges[node] ?? []
    const [first] = own
    if (!first) return []
    // A host with one edge needs no table: it sends every packet there.
    if (!isRouter[node] && own.length === 1 && isRouter[first.to]) return this.defaultRoutes(node, [0])
    const sets = edgeSets(own.length)
    const labels = this.originators.labelsOf(node, this.paths.from(node, sets, NO_ROUTE), sets)
    const uniform = isRouter[node] ? null : uniformLabel(labels)
    const all = uniform === null ? [] : sets.edgesOf(uniform)
    // Packets of a default route are forwarded, which hosts do not.
    if (all.length > 0 && all.every((edge) => isRouter[(own[edge] as Edge).to])) return this.defaultRoutes(node, all)
    const entries = new Entries(labels)
    return this.graphs.flatMap((graph, index) => {
      const hops = new NextHops(
        sets,
        (graph.edges[node] ?? []).map(({ nextHop }) => nextHop),
      )
      return this.compressed(index, entries, hops, written) ?? plainTable(graph, labels, hops)
    })
  }

  private defaultRoutes(node: number, edges: readonly number[]): ResolvedRoute[] {
    return this.graphs.map(({ family, edges: all }) => ({
      family,
      destination: family === 4 ? '0.0.0.0/0' : '::/0',
      nextHops: edges.map((edge) => ((all[node] as Edge[])[edge] as Edge).nextHop),
      source: null,
    }))
  }

  /** The compressed table of one family; null if the plain table must be kept. */
  private compressed(
    index: number,
    entries: Entries,
    hops: NextHops,
    written: readonly string[],
  ): ResolvedRoute[] | null {
    const [tree, shape] = [this.trees[index] ?? null, this.shapes[index] ?? null]
    const { family } = this.graphs[index] as Graph
    if (tree === null || shape === null || (this.compress === 'auto' && entries.count <= LONGEST_PLAIN)) return null
    // A written route wins over computed ones with shorter prefixes. A plain table has none that the user could not expect, but
    // a compressed route covers many subnets, so that the written route would take packets for other subnets.
    if (written.some((text) => text.includes(':') === (family === 6) && !text.endsWith('/0'))) return null
    const routes = entries.of(shape).map(({ node, label }): ResolvedRoute => {
      const destination = (tree.prefixes[node] as Prefix).networkText
      if (label === NO_ROUTE) return { family, destination, nextHops: [], source: null, type: 'unreachable' }
      return { family, destination, nextHops: hops.of(label), source: null }
    })
    return routes.length < entries.count ? routes : null
  }
}

function plainTable({ family, destinations }: Graph, labels: Int32Array, hops: NextHops): ResolvedRoute[] {
  return destinations.flatMap(({ text }, index) => {
    const label = labels[index] as number
    return label < 0
      ? []
      : [{ family, destination: text, nextHops: withoutGateway(text, hops.of(label)), source: null }]
  })
}

/** An address on the link is no gateway to itself. */
function withoutGateway(destination: string, nextHops: NextHop[]): NextHop[] {
  const [only, ...others] = nextHops
  const isItself = others.length === 0 && only?.onlink && destination.startsWith(`${only.gateway}/`)
  return isItself ? [{ gateway: null, interface: only.interface }] : nextHops
}

/** The compressed table of a node, which is the same for both families. The table of the last tree is kept. */
class Entries {
  /** The number of routes of the plain table. */
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

/** The next hops of a node. Routes with the same set of edges share one array, since routes are many and sets are few. */
class NextHops {
  private readonly known = new Map<number, NextHop[]>()

  constructor(
    private readonly sets: EdgeSets,
    private readonly all: readonly NextHop[],
  ) {}

  of(label: number): NextHop[] {
    const known = this.known.get(label)
    if (known) return known
    const hops = this.sets.edgesOf(label).map((edge) => this.all[edge] as NextHop)
    this.known.set(label, hops)
    return hops
  }
}

/** The label that all routes have; null if they differ, or there are none. */
function uniformLabel(labels: Int32Array): number | null {
  const first = labels.find((label) => label >= 0)
  return first !== undefined && labels.every((label) => label === first || label < 0) ? first : null
}
