// Shortest paths: which next hops each node uses for each destination. Routers forward, hosts and switches do not.
import type { AddressPlan } from './addresses.js'
import { type Graph, graphOf, type Way } from './graph.js'
import type { Topology } from './parse.js'
import type { Family, NextHop, ResolvedRoute } from './resolved.js'
import type { Segment } from './segments.js'

/** Routes of each node, in the order of the topology's nodes. */
type RouteTables = ResolvedRoute[][]

/**
 * Computes every node's routes to every subnet and loopback it is not on, with all next hops of equal cost. A host whose
 * destinations all have the same next hops gets a default route instead.
 */
export function computeRoutes(
  topology: Topology,
  segments: readonly Segment[],
  plan: AddressPlan,
): Map<string, ResolvedRoute[]> {
  const names = [...topology.nodes.keys()]
  const tables: RouteTables = names.map(() => [])
  for (const family of topology.families) addFamily(graphOf(topology, segments, plan, family), tables)
  return new Map(names.map((name, node) => [name, tables[node] ?? []]))
}

function addFamily(graph: Graph, tables: RouteTables): void {
  const { family, isRouter, ways, destinations } = graph
  const own: RouteTables = tables.map(() => [])
  const nextHops = ways.map((each) => new NextHops(each))
  // A host with one way needs no table: whatever it sends, it sends there.
  const hasOneWay = ways.map((each, node) => !isRouter[node] && each.length === 1 && isRouter[(each[0] as Way).to])
  for (const { text, attached, sources } of destinations) {
    const distances = distancesFrom(graph, sources)
    for (let node = 0; node < ways.length; node++) {
      if (hasOneWay[node] || attached.has(node)) continue
      const hops = nextHops[node]?.towards(distances, isRouter)
      if (hops) own[node]?.push({ family, destination: text, nextHops: hops, source: null })
    }
  }
  own.forEach((routes, node) => {
    const [way] = ways[node] ?? []
    const table = tables[node] ?? []
    if (hasOneWay[node] && way) table.push(defaultRoute(family, [way.nextHop]))
    else for (const route of isRouter[node] ? routes : compressed(family, routes)) table.push(route)
  })
}

/** Hops from every router to the nearest of `sources`; -1 where there is no way. */
function distancesFrom({ isRouter, ways }: Graph, sources: readonly number[]): Int32Array {
  const distances = new Int32Array(ways.length).fill(-1)
  for (const source of sources) distances[source] = 0
  const queue = [...sources]
  for (let at = 0; at < queue.length; at++) {
    const node = queue[at] as number
    for (const { to } of ways[node] as Way[]) {
      if (distances[to] !== -1 || !isRouter[to]) continue
      distances[to] = (distances[node] as number) + 1
      queue.push(to)
    }
  }
  return distances
}

/** A node's next hops. The same set is the same array, since routes are many and sets are few. */
class NextHops {
  private readonly sets = new Map<string, NextHop[]>()
  private readonly alone: NextHop[][]

  constructor(private readonly ways: readonly Way[]) {
    this.alone = ways.map((way) => [way.nextHop])
  }

  /** Those nearest to where the distances are from; undefined when no way leads there. */
  towards(distances: Int32Array, isRouter: readonly boolean[]): NextHop[] | undefined {
    let best = Number.POSITIVE_INFINITY
    let nearest: number[] = []
    for (let index = 0; index < this.ways.length; index++) {
      const { to } = this.ways[index] as Way
      const distance = distances[to] as number
      if (distance < 0 || distance > best || (!isRouter[to] && distance > 0)) continue
      if (distance < best) nearest = []
      best = distance
      nearest.push(index)
    }
    return nearest.length > 1 ? this.set(nearest) : this.alone[nearest[0] ?? -1]
  }

  private set(indexes: readonly number[]): NextHop[] {
    const key = indexes.join()
    const known = this.sets.get(key)
    if (known) return known
    const hops = indexes.map((index) => (this.ways[index] as Way).nextHop)
    this.sets.set(key, hops)
    return hops
  }
}

/** One default route where all routes have the same next hops. */
function compressed(family: Family, routes: readonly ResolvedRoute[]): readonly ResolvedRoute[] {
  const [first] = routes
  const isUniform = first && routes.every(({ nextHops }) => nextHops === first.nextHops)
  return isUniform ? [defaultRoute(family, first.nextHops)] : routes
}

const defaultRoute = (family: Family, nextHops: NextHop[]): ResolvedRoute => ({
  family,
  destination: family === 4 ? '0.0.0.0/0' : '::/0',
  nextHops,
  source: null,
})
