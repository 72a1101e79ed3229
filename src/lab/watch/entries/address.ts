// Addresses, as `ip monitor address`.
import { listAddresses, parseAddress } from '../../../kernel/netlink/rtnl/address.js'
import { AF_INET, AF_INET6, RTM_DELADDR, RTM_NEWADDR } from '../../../kernel/netlink/rtnl/constants.js'
import type { AddressFields } from '../../../model/lab-event.js'
import type { EntryKind } from './entry.js'

export type AddressValue = Omit<AddressFields, 'interface'> & { index: number }

export const ADDRESSES: EntryKind<AddressValue, AddressFields> = {
  event: 'address',
  groups: [5, 9],
  added: RTM_NEWADDR,
  removed: RTM_DELADDR,
  list: listAddresses,
  read: (payload) => {
    if (payload[0] !== AF_INET && payload[0] !== AF_INET6) return null
    const { index, family, address, prefixLength, scope, flags } = parseAddress(payload)
    const state = flags.dadFailed ? 'dadfailed' : flags.tentative ? 'tentative' : 'usable'
    const value = { index, family, address: `${address}/${prefixLength}`, scope, state } as const
    return { key: `${index} ${value.address}`, value }
  },
  fields: ({ index, family, address, scope, state }, nameOf) => ({
    ...{ interface: nameOf(index), family, address, scope, state },
  }),
  // IPv4 routes with the address as their source go with it (fib_sync_down_addr).
  silences: ({ family }, value) => (family === 4 && value === null ? ['route'] : []),
}
