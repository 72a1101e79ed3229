// Next-hop objects, as `ip monitor nexthop`.
import {
  listNexthops,
  type NexthopSettings,
  parseNexthop,
  RTM_DELNEXTHOP,
  RTM_NEWNEXTHOP,
} from '../../../kernel/netlink/rtnl/nexthop.js'
import type { Reported } from '../../../kernel/netlink/rtnl/reported.js'
import type { NexthopFields } from '../../../model/lab-event.js'
import type { EntryKind } from './entry.js'

export const NEXTHOPS: EntryKind<Reported<NexthopSettings>, NexthopFields> = {
  event: 'nexthop',
  groups: [32],
  added: RTM_NEWNEXTHOP,
  removed: RTM_DELNEXTHOP,
  list: listNexthops,
  read: (payload) => {
    const value = parseNexthop(payload)
    return { key: String(value.id), value }
  },
  fields: ({ id, protocol, hop }, nameOf) => ({
    ...{ id, protocol: String(protocol) },
    gateway: 'gateway' in hop ? hop.gateway : null,
    interface: 'index' in hop ? nameOf(hop.index) : null,
    blackhole: 'blackhole' in hop,
    group: 'group' in hop ? [...hop.group] : [],
  }),
  // IPv4 routes go with their next hop (nexthop_flush), and groups lose a member.
  silences: (_, value) => (value === null ? ['route', 'nexthop'] : []),
}
