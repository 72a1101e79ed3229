// Every node's computed routes. Small tables are as a person expects to read them, one route a subnet; large ones are
// compressed (compress.ts), and never written out first: a thousand routers would have millions of routes.
import type { AddressPlan } from './addresses.js'
import { compressTable, NOWHERE } from './compress.js'
import { type Graph, graphOf } from './graph.js'
import type { Topology } from './parse.js'
import { type Prefix, parsePrefix } from './prefix.js'
import { type PrefixTree, prefixTree } from './prefix-tree.js'
import type { Family, NextHop, ResolvedRoute } from './resolved.js'
import type { Segment } from './segments.js'
import { ShortestPaths } from './shortest-paths.js'
import { Sources } from './sources.js'
import { type WaySets, waySets } from './way-sets.js'

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
  plan: AddressPlan,
  written: (node: string) => readonly string[],
): Map<string, ResolvedRoute[]> {
  const names = [...topology.nodes.keys()]
  const tables = names.map((): ResolvedRoute[] => [])
  for (const family of topology.families) {
    const tableMaker = new TableMaker(graphOf(topology, segments, plan, family), topology.compress)
    names.forEach((name, node) => {
      for (const route of tableMaker.tableOf(node, written(name))) tables[node]?.push(route)
    })
  }
  return new Map(names.map((name, node) => [name, tables[node] ?? []]))
}

/** Makes the tables of one family. */
class TableMaker {
  private readonly paths: ShortestPaths
  private readonly sources: Sources
  /** null where some overlap, so that nothing can be compressed. */
  private readonly tree: PrefixTree | null

  constructor(
    private readonly graph: Graph,
    private readonly compress: Topology['compress'],
  ) {
    this.sources = new Sources(graph)
    this.paths = new ShortestPaths(graph, this.sources.nodes)
    const prefixes = graph.destinations.map(({ text }) => parsePrefix(text) as Prefix)
    this.tree = compress === 'never' ? null : prefixTree(graph.family, prefixes)
  }

  tableOf(node: number, written: readonly string[]): ResolvedRoute[] {
    const { family, isRouter, ways } = this.graph
    const own = ways[node] ?? []
    const [first] = own
    if (!first) return []
    // A host with one way needs no table: whatever it sends, it sends there.
    if (!isRouter[node] && own.length === 1 && isRouter[first.to]) return [defaultRoute(family, [first.nextHop])]
    const sets = waySets(own.length)
    const labels = this.sources.labelsOf(node, this.paths.from(node, sets, NOWHERE), sets)
    const hops = new NextHops(
      sets,
      own.map(({ nextHop }) => nextHop),
    )
    if (!isRouter[node] && isUniform(labels))
      return [defaultRoute(family, hops.of(labels.find((label) => label >= 0) as number))]
    return this.compressed(labels, hops, written) ?? this.plain(labels, hops)
  }

  private plain(labels: Int32Array, hops: NextHops): ResolvedRoute[] {
    const { family, destinations } = this.graph
    return destinations.flatMap(({ text }, index) => {
      const label = labels[index] as number
      return label < 0 ? [] : [{ family, destination: text, nextHops: hops.of(label), source: null }]
    })
  }

  /** null where the plain table is to be kept. */
  private compressed(labels: Int32Array, hops: NextHops, written: readonly string[]): ResolvedRoute[] | null {
    const { tree, compress } = this
    const count = labels.reduce((sum, label) => (label >= 0 ? sum + 1 : sum), 0)
    if (tree === null || (compress === 'auto' && count <= LONG)) return null
    const { family } = this.graph
    // What is written wins over what it is more special than: over routes to single subnets that is nobody, over what
    // covers many it could be anybody.
    if (written.some((text) => text.includes(':') === (family === 6) && !text.endsWith('/0'))) return null
    const routes = compressTable(tree, labels).map(({ node, label }): ResolvedRoute => {
      const destination = (tree.prefixes[node] as Prefix).networkText
      if (label === NOWHERE) return { family, destination, nextHops: [], source: null, type: 'unreachable' }
      return { family, destination, nextHops: hops.of(label), source: null }
    })
    return routes.length < count ? routes : null
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

const defaultRoute = (family: Family, nextHops: NextHop[]): ResolvedRoute => ({
  family,
  destination: family === 4 ? '0.0.0.0/0' : '::/0',
  nextHops,
  source: null,
})
