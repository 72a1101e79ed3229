// What commands have changed in a running lab, and an edit leaves as it is: impairments of links, and interfaces that were taken down.
import type { ResolvedInterface, ResolvedNode, ResolvedRoute, ResolvedTopology } from '../../model/resolved.js'
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
  if (!node.interfaces.some(({ name }) => isDown(name))) return withoutCarrier(node, down)
  const known = new Set(before?.routes.map((route) => JSON.stringify(route)))
  const nexthops = node.nexthops?.filter((each) => !('hop' in each) || !isDown(each.hop.interface))
  return {
    ...withoutCarrier(node, down),
    interfaces: node.interfaces.map((each): ResolvedInterface => (isDown(each.name) ? { ...each, up: false } : each)),
    routes: node.routes.flatMap((route) => withoutHops(route, isDown, known.has(JSON.stringify(route)))),
    neighbours: node.neighbours.filter((each) => !isDown(each.interface)),
    ...(nexthops === undefined ? {} : { nexthops }),
  }
}

/** A multipath route stays in the kernel as a whole. */
function withoutHops(route: ResolvedRoute, isDown: (name: string) => boolean, isThere: boolean): ResolvedRoute[] {
  const nextHops = route.nextHops.filter((hop) => !isDown(hop.interface))
  if (nextHops.length === route.nextHops.length || (isThere && route.nextHops.length > 1)) return [route]
  return nextHops.length === 0 ? [] : [{ ...route, nextHops }]
}

/** The other end of a link that is down has no carrier. */
const withoutCarrier = (node: ResolvedNode, down: ReadonlySet<string>): ResolvedNode => ({
  ...node,
  interfaces: node.interfaces.map(
    (each): ResolvedInterface =>
      each.peer && down.has(`${each.peer.node}:${each.peer.interface}`) ? { ...each, carrier: false } : each,
  ),
})
