// Neighbours, as `ip monitor neigh`: ARP and ND, without proxies and without the entries that the kernel makes for multicast.
import { RTM_DELNEIGH, RTM_NEWNEIGH } from '../../../kernel/netlink/rtnl/constants.js'
import { isProxy, listNeighbours, type NeighbourInfo, parseNeighbour } from '../../../kernel/netlink/rtnl/neighbour.js'
import type { NeighbourFields } from '../../../model/lab-event.js'
import type { EntryKind } from './entry.js'

export const NEIGHBOURS: EntryKind<NeighbourInfo, NeighbourFields> = {
  event: 'neighbour',
  groups: [3],
  added: RTM_NEWNEIGH,
  removed: RTM_DELNEIGH,
  list: listNeighbours,
  read: (payload) => {
    const value = isProxy(payload) ? null : parseNeighbour(payload)
    return value === null || value.state === 'NOARP' ? null : { key: `${value.index} ${value.address}`, value }
  },
  fields: ({ index, family, address, mac, state }, nameOf) => ({
    ...{ interface: nameOf(index), family, address, mac, state: state.toLowerCase() },
  }),
}
