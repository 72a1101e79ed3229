// Routes, as `ip monitor route`, without the table `local`, whose routes the kernel makes of addresses.
import { AF_INET, AF_INET6, RTM_DELROUTE, RTM_NEWROUTE } from '../../../kernel/netlink/rtnl/constants.js'
import { isCloned } from '../../../kernel/netlink/rtnl/replay.js'
import { listRoutes, parseRouteSettings, type ReportedRoute } from '../../../kernel/netlink/rtnl/route.js'
import { tableName } from '../../../kernel/netlink/rtnl/table.js'
import type { RouteFields } from '../../../model/lab-event.js'
import type { EntryKind } from './entry.js'

const RT_TABLE_LOCAL = 255

export const ROUTES: EntryKind<ReportedRoute, RouteFields> = {
  event: 'route',
  groups: [7, 11],
  added: RTM_NEWROUTE,
  removed: RTM_DELROUTE,
  list: () => listRoutes(),
  read: (payload) => {
    if ((payload[0] !== AF_INET && payload[0] !== AF_INET6) || isCloned(payload)) return null
    const [value] = parseRouteSettings([payload]) as [ReportedRoute]
    return value.table === RT_TABLE_LOCAL ? null : { key: keyOf(value, payload[3] ?? 0), value }
  },
  fields: ({ family, destination, type, table, protocol, source, metric, nexthopId, nextHops }, nameOf) => ({
    ...{ family, destination, type },
    gateways: nextHops.map(({ gateway }) => gateway),
    interfaces: nextHops.map(({ index }) => nameOf(index)),
    weights: nextHops.map(({ weight }) => weight),
    metric: metric === 0 ? null : metric,
    table: tableName(table),
    protocol: String(protocol),
    nexthop: nexthopId ?? null,
    source: source ?? null,
  }),
  isAmbiguous: ({ family }) => family === 4,
}

/** IPv6 has one route for each destination and metric, but for routes on the link, of which each interface has its own. */
function keyOf({ family, table, destination, metric, nextHops }: ReportedRoute, tos: number): string {
  const [hop] = nextHops
  const device = family === 6 && nextHops.length === 1 && hop?.gateway === null ? hop.index : ''
  return `${table} ${destination} ${metric} ${tos} ${device}`
}
