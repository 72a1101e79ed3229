// The settings of routes and next-hop objects, in the words of their requests.
import type { NewNexthop } from '../../kernel/netlink/rtnl/nexthop.js'
import type { NewRoute } from '../../kernel/netlink/rtnl/route.js'
import type { NexthopAdd, RouteAdd } from '../../plan/op.js'
import { targetOf } from '../../plan/target.js'

export function routeOf(op: RouteAdd): NewRoute {
  const { family, destination, nextHops, source, type, metric, table, nexthopId } = op
  const path = { nextHops, source, type, metric, table, nexthopId }
  return { target: targetOf(op), family, destination, ...path, protocol: 'static' }
}

export function nexthopOf(op: NexthopAdd): NewNexthop {
  return { target: targetOf(op), id: op.nexthop.id, protocol: 'static', hop: hopOf(op) }
}

function hopOf({ nexthop, index }: NexthopAdd): NewNexthop['hop'] {
  if ('group' in nexthop) return { group: nexthop.group }
  const { family } = nexthop
  if (!('hop' in nexthop)) return { family, blackhole: true }
  const { gateway, onlink } = nexthop.hop
  return { family, gateway, index, ...(onlink ? { onlink } : {}) }
}
