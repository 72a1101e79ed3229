// Judges checks of routes, by what the kernel has in the table main of a node.

import type { LabView, NodeView, RouteView } from '../../model/lab-view.js'
import type { CheckKind } from '../../model/reach/check.js'
import { parsePrefix } from '../../topology/values/prefix.js'
import { inspectLab } from '../observe/inspect.js'
import type { RunningLab } from '../record/select.js'
import { PASSED, type Verdict } from './verdict.js'

type RouteCheck = Extract<CheckKind, { kind: 'route' }>

export async function judgeRoute(lab: RunningLab, check: RouteCheck): Promise<Verdict> {
  const reason = routeFailure(await inspectLab(lab, ['routes']), check)
  return reason === null ? PASSED : { reason }
}

/** Why a node has not the route of a check; null if it has. */
export function routeFailure(view: LabView, { node: name, to, via, interface: device }: RouteCheck): string | null {
  const node = view.nodes.find((each) => each.name === name)
  if (!node || node.status === 'dead') return `${name} is dead: its first process has ended`
  const gateways = via === null ? null : addressesOf(view, via)
  const found = to === 'default' ? defaults(node) : covering(node, to)
  if (found.length === 0) return `${name} has no route to ${to}`
  const fits = found.some((route) =>
    route.interfaces.some((one, index) => {
      const gateway = route.gateways[index] ?? null
      return (device === null || one === device) && (gateways === null || (gateway !== null && gateways.has(gateway)))
    }),
  )
  // A route that refuses packets has no next hop.
  return fits ? null : `${name} has ${found.map(routeText).join(' and ')}`
}

const defaults = ({ routes }: NodeView): RouteView[] =>
  routes.filter(({ table, destination }) => table === 'main' && /^(?:0\.0\.0\.0|::)\/0$/.test(destination))

/** The routes of the longest prefix that covers a destination, of which those with the least metric count. */
function covering({ routes }: NodeView, to: string): RouteView[] {
  const wanted = parsePrefix(to)
  if (!wanted) return []
  const candidates = routes.flatMap((route) => {
    const prefix = parsePrefix(route.destination)
    const covers =
      prefix?.family === wanted.family &&
      prefix.length <= wanted.length &&
      parsePrefix(`${to.split('/')[0]}/${prefix.length}`)?.network === prefix.network
    return route.table === 'main' && covers ? [{ route, length: prefix.length }] : []
  })
  const longest = candidates.reduce((most, { length }) => Math.max(most, length), -1)
  const best = candidates.filter(({ length }) => length === longest).map(({ route }) => route)
  const least = best.reduce((low, { metric }) => Math.min(low, metric ?? 0), Number.POSITIVE_INFINITY)
  return best.filter(({ metric }) => (metric ?? 0) === least)
}

/** An address, or the addresses of a node or of one of its interfaces. */
function addressesOf({ nodes }: LabView, via: string): Set<string> {
  const prefix = parsePrefix(via)
  if (prefix && !nodes.some(({ name }) => name === via)) return new Set([prefix.networkText.split('/')[0] as string])
  const [name, device] = via.split(':', 2)
  const interfaces = nodes.find((each) => each.name === name)?.interfaces ?? []
  const meant = interfaces.filter((each) => device === undefined || each.name === device)
  return new Set(meant.flatMap(({ addresses }) => addresses.map(({ address }) => address.split('/')[0] as string)))
}

function routeText({ destination, gateways, interfaces, type }: RouteView): string {
  if (type !== 'unicast') return `${type} ${destination}`
  const hops = interfaces.map((device, index) => {
    const gateway = gateways[index] ?? null
    return `${gateway === null ? '' : `via ${gateway} `}dev ${device}`
  })
  return `${destination} ${hops.join(' and ')}`
}
