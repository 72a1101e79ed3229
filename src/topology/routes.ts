// Shortest paths: which next hops each node uses for each destination. Routers forward, hosts and switches do not.
import type { AddressPlan } from './addresses.js'
import type { Topology } from './parse.js'
import { formatAddress, makePrefix } from './prefix.js'
import type { Family, NextHop, ResolvedRoute } from './resolved.js'
import type { Segment } from './segments.js'

/** A node's interface on a segment. */
interface Attachment {
  segment: number
  interface: string
}

/** Where a node can send to: a router on a common segment. */
interface Way {
  router: number
  segment: number
  /** The node's own interface. */
  interface: string
  /** The router's interface on the segment. */
  routerInterface: string
}

/** The graph of nodes that have addresses; numbers are positions in `names`. */
interface Graph {
  names: string[]
  isRouter: boolean[]
  attachments: Attachment[][]
  ways: Way[][]
  /** Routers on each segment. */
  routersOf: number[][]
  /** Subnets of each segment, `PREFIX/LENGTH` by family. */
  subnetsOf: { family: Family; text: string }[][]
}

/**
 * Computes every node's routes to every subnet and loopback it is not on, with all next hops of equal cost.
 * A node whose destinations all have the same next hops gets a default route instead.
 */
export function computeRoutes(
  topology: Topology,
  segments: readonly Segment[],
  plan: AddressPlan,
): Map<string, ResolvedRoute[]> {
  const graph = buildGraph(topology, segments, plan)
  const routes = graph.names.map((): ResolvedRoute[] => [])
  const byDefault = graph.names.map((_, node) => hasOneWay(graph, node))
  const gateways = new Gateways(graph, plan)
  segments.forEach((_, segment) => {
    const subnets = graph.subnetsOf[segment] ?? []
    addRoutes(graph, graph.routersOf[segment] ?? [], new Set([segment]), subnets, gateways, byDefault, routes)
  })
  graph.names.forEach((name, node) => {
    const loopbacks = plan.of(name, 'lo').map(({ family, networkText: text }) => ({ family, text }))
    if (graph.isRouter[node] && loopbacks.length > 0) {
      addRoutes(graph, [node], new Set(), loopbacks, gateways, byDefault, routes)
    }
  })
  return new Map(
    graph.names.map((name, node) => {
      const own = byDefault[node] ? onlyDefaults(graph, node, gateways, topology.families) : (routes[node] ?? [])
      return [name, graph.isRouter[node] ? own : merged(own)]
    }),
  )
}

function buildGraph(topology: Topology, segments: readonly Segment[], plan: AddressPlan): Graph {
  const names = Object.keys(topology.nodes)
  const numbers = new Map(names.map((name, number) => [name, number]))
  const isRouter = names.map((name) => topology.nodes[name]?.kind === 'router')
  const attachments = names.map((): Attachment[] => [])
  const ways = names.map((): Way[] => [])
  const routersOf: number[][] = []
  segments.forEach((segment, index) => {
    const members = segment.members.map((member) => ({
      node: numbers.get(member.node) as number,
      interface: member.interface,
    }))
    const routers = members.filter(({ node }) => isRouter[node])
    routersOf.push([...new Set(routers.map(({ node }) => node))])
    for (const member of members) {
      attachments[member.node]?.push({ segment: index, interface: member.interface })
      for (const router of routers) {
        if (router.node === member.node) continue
        const way = {
          router: router.node,
          segment: index,
          interface: member.interface,
          routerInterface: router.interface,
        }
        ways[member.node]?.push(way)
      }
    }
  })
  return {
    names,
    isRouter,
    attachments,
    ways,
    routersOf,
    subnetsOf: segments.map((segment) => subnetsOf(segment, plan)),
  }
}

function subnetsOf(segment: Segment, plan: AddressPlan): { family: Family; text: string }[] {
  const subnets = new Map<string, Family>()
  for (const member of segment.members) {
    for (const { networkText, family } of plan.of(member.node, member.interface)) subnets.set(networkText, family)
  }
  return [...subnets].map(([text, family]) => ({ family, text }))
}

/** Distance of every router to the nearest of `sources`, in hops; -1 where there is no way. */
function distancesFrom(graph: Graph, sources: readonly number[]): Int32Array {
  const distances = new Int32Array(graph.names.length).fill(-1)
  for (const source of sources) distances[source] = 0
  const queue = [...sources]
  for (let at = 0; at < queue.length; at++) {
    const node = queue[at] as number
    for (const { router } of graph.ways[node] ?? []) {
      if (distances[router] !== -1) continue
      distances[router] = (distances[node] as number) + 1
      queue.push(router)
    }
  }
  return distances
}

function addRoutes(
  graph: Graph,
  sources: readonly number[],
  onLink: ReadonlySet<number>,
  destinations: readonly { family: Family; text: string }[],
  gateways: Gateways,
  byDefault: readonly boolean[],
  routes: ResolvedRoute[][],
): void {
  const distances = distancesFrom(graph, sources)
  const isSource = new Set(sources)
  for (let node = 0; node < graph.names.length; node++) {
    if (byDefault[node] || isSource.has(node)) continue
    if (graph.attachments[node]?.some(({ segment }) => onLink.has(segment))) continue
    const nearest = nearestWays(graph.ways[node] ?? [], distances)
    if (nearest.length === 0) continue
    for (const { family, text } of destinations) {
      const nextHops = gateways.nextHops(nearest, family)
      if (nextHops.length > 0) routes[node]?.push({ family, destination: text, nextHops, source: null })
    }
  }
}

function nearestWays(ways: readonly Way[], distances: Int32Array): Way[] {
  let best = -1
  for (const { router } of ways) {
    const distance = distances[router] as number
    if (distance >= 0 && (best < 0 || distance < best)) best = distance
  }
  return best < 0 ? [] : ways.filter(({ router }) => distances[router] === best)
}

/** Gateways' addresses as text. Next hops are shared between routes: they are many, and never changed. */
class Gateways {
  private readonly texts = new Map<string, string | null>()

  constructor(
    private readonly graph: Graph,
    private readonly plan: AddressPlan,
  ) {}

  nextHops(ways: readonly Way[], family: Family): NextHop[] {
    return ways.flatMap((way) => {
      const gateway = this.addressOf(way.router, way.routerInterface, family)
      return gateway === null ? [] : [{ gateway, interface: way.interface }]
    })
  }

  private addressOf(node: number, name: string, family: Family): string | null {
    const key = `${node}:${name}:${family}`
    let text = this.texts.get(key)
    if (text === undefined) {
      const prefix = this.plan.first(this.graph.names[node] as string, name, family)
      text = prefix ? formatAddress(family, prefix.address) : null
      this.texts.set(key, text)
    }
    return text
  }
}

/** A host on one segment with one router has one way, whatever the destination. */
const hasOneWay = (graph: Graph, node: number): boolean => !graph.isRouter[node] && graph.ways[node]?.length === 1

function onlyDefaults(graph: Graph, node: number, gateways: Gateways, families: readonly Family[]): ResolvedRoute[] {
  return families.flatMap((family) => {
    const nextHops = gateways.nextHops(graph.ways[node] ?? [], family)
    return nextHops.length === 0 ? [] : [defaultRoute(family, nextHops)]
  })
}

const defaultRoute = (family: Family, nextHops: NextHop[]): ResolvedRoute => ({
  family,
  destination: makePrefix(family, 0n, 0).networkText,
  nextHops,
  source: null,
})

/** One default route where all routes of a family have the same next hops. */
function merged(routes: readonly ResolvedRoute[]): ResolvedRoute[] {
  return ([4, 6] as const).flatMap((family) => {
    const own = routes.filter((route) => route.family === family)
    const [first] = own
    if (!first) return []
    const key = JSON.stringify(first.nextHops)
    return own.every((route) => JSON.stringify(route.nextHops) === key) ? [defaultRoute(family, first.nextHops)] : own
  })
}
