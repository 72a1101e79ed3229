// What commands have changed in a running lab, and an edit leaves as it is: impairments of links, and interfaces that were taken down.
import type {
  ResolvedInterface,
  ResolvedNexthop,
  ResolvedNode,
  ResolvedRoute,
  ResolvedTopology,
} from '../../model/resolved.js'
import { emulationsOf } from '../change/compare.js'
import type { LabState } from '../record/state.js'

/**
 * The topology with the impairments that its links have now, and without what needs an interface that was taken down: the kernel has
 * forgotten that, and refuses it until the interface is up again.
 *
 * @param applied the topology that the lab has
 */
export function asRunning(desired: ResolvedTopology, applied: ResolvedTopology, state: LabState): ResolvedTopology {
  const now = emulationsOf(state, applied)
  const emulations = new Map(applied.links.map((link, place) => [keyOf(link), now[place]?.emulation]))
  const links = desired.links.map((link) => {
    const key = keyOf(link)
    if (!emulations.has(key)) return link
    const { emulation: _, ...plain } = link
    const emulation = emulations.get(key)
    return emulation === undefined ? plain : { ...plain, emulation }
  })
  const down = new Set((state.down ?? []).flatMap(({ endpoint, taken }) => (taken ? [endpoint] : [])))
  if (down.size === 0) return { ...desired, links }
  const before = new Map(applied.nodes.map((node) => [node.name, node]))
  return { ...desired, links, nodes: desired.nodes.map((node) => withDown(node, before.get(node.name), down)) }
}

const keyOf = ({ endpoints }: ResolvedTopology['links'][number]): string =>
  endpoints.map(({ node, interface: name }) => `${node}:${name}`).join(' – ')

function withDown(node: ResolvedNode, before: ResolvedNode | undefined, down: ReadonlySet<string>): ResolvedNode {
  const isDown = (name: string) => down.has(`${node.name}:${name}`)
  const silent = new Set(
    node.interfaces.flatMap(({ name, peer }) =>
      isDown(name) || (peer && down.has(`${peer.node}:${peer.interface}`)) ? [name] : [],
    ),
  )
  if (silent.size === 0) return node
  const known = new Set(before?.routes.map((route) => JSON.stringify(route)))
  const nexthops = withoutSilent(node.nexthops ?? [], silent)
  const ids = new Set(nexthops.map(({ id }) => id))
  return {
    ...node,
    interfaces: node.interfaces.map((each): ResolvedInterface => {
      if (isDown(each.name)) return { ...each, up: false }
      // The other end of a link that is down has no carrier.
      return silent.has(each.name) ? { ...each, carrier: false } : each
    }),
    routes: node.routes
      .filter(({ nexthopId }) => nexthopId === undefined || ids.has(nexthopId))
      .flatMap((route) => withoutHops(route, isDown, known.has(JSON.stringify(route)))),
    neighbours: node.neighbours.filter((each) => !isDown(each.interface)),
    ...(node.nexthops === undefined ? {} : { nexthops }),
  }
}

/**
 * The kernel drops a next-hop object when its interface goes down or loses its carrier (nexthop_flush_dev), takes it out of its groups,
 * and drops a group with its last member (remove_nexthop_from_groups).
 */
function withoutSilent(nexthops: readonly ResolvedNexthop[], silent: ReadonlySet<string>): ResolvedNexthop[] {
  const lost = new Set(nexthops.flatMap((each) => ('hop' in each && silent.has(each.hop.interface) ? [each.id] : [])))
  return nexthops.flatMap((each): ResolvedNexthop[] => {
    if (lost.has(each.id)) return []
    if (!('group' in each)) return [each]
    const group = each.group.filter(({ id }) => !lost.has(id))
    return group.length === 0 ? [] : [{ ...each, group }]
  })
}

/** A multipath route stays in the kernel as a whole. */
function withoutHops(route: ResolvedRoute, isDown: (name: string) => boolean, isThere: boolean): ResolvedRoute[] {
  const nextHops = route.nextHops.filter((hop) => !isDown(hop.interface))
  if (nextHops.length === route.nextHops.length || (isThere && route.nextHops.length > 1)) return [route]
  return nextHops.length === 0 ? [] : [{ ...route, nextHops }]
}
