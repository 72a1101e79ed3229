// What happens in a running lab, as `watch` tells it. Pure data, JSON-safe. Fields may be added, never changed.

import type { Family } from './family.js'
import type { LinkState, RouteView } from './lab-view.js'

/** One line of `watch --json`. */
export type LabEvent =
  | LinkEvent
  | AddressEvent
  | RouteEvent
  | NexthopEvent
  | RuleEvent
  | NeighbourEvent
  | NodeEvent
  | ImpairmentEvent
  | LabLifeEvent
  | LostEvent

export type LabEventKind = LabEvent['event']

/** The kinds that the kernel tells of network namespaces. */
export type NetworkEvent = LinkEvent | AddressEvent | RouteEvent | NexthopEvent | RuleEvent | NeighbourEvent
export type NetworkEventKind = NetworkEvent['event']

/** When nslab has read it: ISO 8601, in UTC, with milliseconds. */
interface Timed {
  at: string
}

interface InNode extends Timed {
  node: string
  /** Other nodes in the same network namespace; absent when there are none. */
  sharedWith?: string[]
}

/** What has become of an entry. */
export type EntryAction = 'add' | 'remove' | 'change'

/** `was`: the fields of a changed entry that had another value before, with that value. */
interface Changed<Fields> {
  was?: Partial<Fields>
}

export interface LinkFields {
  interface: string
  /** As in LabView. */
  type: string
  state: LinkState
  mac: string | null
  mtu: number
  /** Name of the bridge, bond or VRF that it is a member of. */
  master: string | null
}

/** `up` and `down`: the state has become `up`, or is `up` no longer. */
export interface LinkEvent extends InNode, LinkFields, Changed<LinkFields> {
  event: 'link'
  action: EntryAction | 'up' | 'down' | 'rename'
}

export interface AddressFields {
  interface: string
  family: Family
  /** `ADDRESS/LENGTH` */
  address: string
  scope: string
  /** `tentative` and `dadfailed`: duplicate address detection goes on, or has found one (RFC 4862). */
  state: 'usable' | 'tentative' | 'dadfailed'
}

export interface AddressEvent extends InNode, AddressFields, Changed<AddressFields> {
  event: 'address'
  action: EntryAction
}

/** As in LabView; and the next-hop object of a route that has one, which then names no gateways. */
export interface RouteFields extends RouteView {
  nexthop: number | null
  source: string | null
}

export interface RouteEvent extends InNode, RouteFields, Changed<RouteFields> {
  event: 'route'
  action: EntryAction
}

export interface NexthopFields {
  id: number
  protocol: string
  gateway: string | null
  /** null for a group and for one that drops packets. */
  interface: string | null
  blackhole: boolean
  /** Members of a group; empty for an object that is none. */
  group: { id: number; weight: number }[]
}

export interface NexthopEvent extends InNode, NexthopFields, Changed<NexthopFields> {
  event: 'nexthop'
  action: EntryAction
}

export interface RuleFields {
  family: Family
  priority: number
  /** `PREFIX/LENGTH`; null for all. */
  from: string | null
  to: string | null
  /** Name of the interface that a packet came in by. */
  iif: string | null
  /** `MARK` or `MARK/MASK`, hexadecimal. */
  fwmark: string | null
  /** `lookup`, or how packets are refused: `blackhole`, `unreachable`, `prohibit`. */
  type: string
  /** The table of `lookup`: iproute2's word or a number; else null. */
  table: string | null
}

export interface RuleEvent extends InNode, RuleFields, Changed<RuleFields> {
  event: 'rule'
  action: EntryAction
}

export interface NeighbourFields {
  interface: string
  family: Family
  address: string
  mac: string | null
  /** iproute2's word, lower case. */
  state: string
}

export interface NeighbourEvent extends InNode, NeighbourFields, Changed<NeighbourFields> {
  event: 'neighbour'
  action: EntryAction
}

/** `end`: the first process of the node has ended, while the lab runs. `add`, `remove` and `restart` are done by `apply`. */
export interface NodeEvent extends Timed {
  event: 'node'
  action: 'add' | 'remove' | 'restart' | 'end' | 'pause' | 'resume'
  node: string
  /** PID of its first process on the machine: of the new one after a restart, of the one that has ended. */
  pid: number
}

/** What a link does to the frames that `from` sends to `to`. */
export interface ImpairmentEvent extends Timed {
  event: 'impairment'
  action: EntryAction
  /** The node that sends. */
  node: string
  /** `NODE:INTERFACE` */
  from: string
  to: string
  /** In the words of `link set`; null for none. */
  impairments: string | null
  /** What emulates them; null for none. */
  emulation: string | null
  was: { impairments: string | null; emulation: string | null }
}

/** `watch`: the first event, since all changes are told. `down`: the last one. */
export interface LabLifeEvent extends Timed {
  event: 'lab'
  action: 'watch' | 'down'
  lab: string
  /** How many are watched. */
  nodes: number
}

/**
 * Events are missing. `overrun`: the kernel has dropped changes in the node, and the differences that they have made follow.
 * `behind`: the reader of the events was too slow, and `count` of them were dropped.
 */
export interface LostEvent extends Timed {
  event: 'lost'
  action: 'overrun' | 'behind'
  /** null for several. */
  node: string | null
  count: number | null
}
