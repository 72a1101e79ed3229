// All kinds of entries that the kernel tells of, in the order in which they are listed: first links, by whose names others are told.
import type { NetworkEventKind } from '../../../model/lab-event.js'
import { ADDRESSES } from './address.js'
import type { EntryKind } from './entry.js'
import { LINKS } from './link.js'
import { NEIGHBOURS } from './neighbour.js'
import { NEXTHOPS } from './nexthop.js'
import { ROUTES } from './route.js'
import { RULES } from './rule.js'

/** A table treats the values of its kind alike; only the kind itself knows what they are. */
export type AnyKind = EntryKind<unknown, object>

const KINDS: Record<NetworkEventKind, unknown> = {
  link: LINKS,
  address: ADDRESSES,
  nexthop: NEXTHOPS,
  route: ROUTES,
  rule: RULES,
  neighbour: NEIGHBOURS,
}

export const NETWORK_KINDS = Object.keys(KINDS) as NetworkEventKind[]

export const kindOf = (event: NetworkEventKind): AnyKind => KINDS[event] as AnyKind
