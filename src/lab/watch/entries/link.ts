// Links, as `ip monitor link`.
import { AF_UNSPEC, RTM_DELLINK, RTM_NEWLINK } from '../../../kernel/netlink/rtnl/constants.js'
import { listLinks, parseLink } from '../../../kernel/netlink/rtnl/link.js'
import type { LinkFields } from '../../../model/lab-event.js'
import type { LinkState } from '../../../model/lab-view.js'
import type { EntryKind } from './entry.js'

export interface LinkValue {
  index: number
  name: string
  type: string
  /** It has been set up (IFF_UP). */
  up: boolean
  state: LinkState
  mac: string | null
  mtu: number
  master: number | null
}

/**
 * A link that goes down takes IPv4 routes and next hops with it, which the kernel does not tell (fib_sync_down_dev, nexthop_flush_dev);
 * one that enters or leaves a VRF, too.
 */
const TAKEN = ['route', 'nexthop'] as const

export const LINKS: EntryKind<LinkValue, LinkFields> = {
  event: 'link',
  groups: [1],
  added: RTM_NEWLINK,
  removed: RTM_DELLINK,
  list: listLinks,
  read: (payload) => {
    // Messages of the bridge family are of ports, and tell that a link has left a bridge as if it were removed.
    if (payload[0] !== AF_UNSPEC) return null
    const { index, name, kind, up, operState, mac, mtu, master } = parseLink(payload)
    const type = kind ?? 'unknown'
    // Interfaces that do not report a carrier, such as lo, have the operational state `unknown`.
    const state = operState === 'unknown' ? (up ? 'up' : 'down') : operState
    const value = { index, name, type, up, state, mac: kind === 'loopback' ? null : mac, mtu, master: master || null }
    return { key: String(index), value }
  },
  fields: ({ name, type, state, mac, mtu, master }, nameOf) => ({
    ...{ interface: name, type, state, mac, mtu },
    master: master === null ? null : nameOf(master),
  }),
  changeOf: (value, was) => {
    if (value.name !== was.name) return 'rename'
    if (value.state === 'up' && was.state !== 'up') return 'up'
    return value.state !== 'up' && was.state === 'up' ? 'down' : 'change'
  },
  silences: (was, value) => ((was.up && !value?.up) || (value && value.master !== was.master) ? TAKEN : []),
}
