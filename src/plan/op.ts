// The operations a plan is made of: one thing the kernel is asked to do, as plain data. Nothing here has effects.

import type { NodeContents } from '../model/contents.js'
import type { Family } from '../model/family.js'
import type { DeviceSettings, SettingsFor } from '../model/interfaces/kinds.js'
import type { PortSettings } from '../model/interfaces/masters.js'
import type { WireguardPeer, WireguardSettings } from '../model/interfaces/wireguard.js'
import type { Isolation } from '../model/isolation.js'
import type { NextHop, NodeKind, ResolvedNexthop, ResolvedRule } from '../model/resolved.js'
import type { ClassAdd, FilterAdd, QdiscAdd, WireLinkSet } from './emulation/ops.js'

/** Makes a node: its namespaces, its private file systems, its names and its sysctls. */
export interface NodeAdd {
  op: 'node.add'
  node: string
  kind: NodeKind
  hostname: string
  domainname: string | null
  sysctls: Record<string, string>
  /** Absent: the node has its own namespace of every kind but time, and the default id maps. */
  isolation?: Isolation
  /** Absent: none. The commands are operations of their own. */
  contents?: Omit<NodeContents, 'commands'>
  /** Name of the node whose network namespace this one shares; absent: the node has its own. */
  network?: string
}

/** Makes a bridge device. */
export interface BridgeAdd {
  op: 'bridge.add'
  node: string
  interface: string
  index: number
  mac: string | null
  mtu: number
  /** Absent: the kernel's defaults. */
  settings?: SettingsFor<'bridge'>
}

/** Makes a device of another kind. */
export interface LinkAdd {
  op: 'link.add'
  node: string
  interface: string
  index: number
  mac: string | null
  mtu: number
  settings: Exclude<DeviceSettings, { kind: 'bridge' | 'tun' | 'tap' | 'device' }>
  /** ifindex of each interface that the settings name. */
  indexes: Record<string, number>
}

/** Makes a device whose other end a program opens. */
export interface TunAdd {
  op: 'tun.add'
  node: string
  interface: string
  index: number
  mac: string | null
  mtu: number
  mode: 'tun' | 'tap'
}

/** Moves a device of the machine, such as a network card, into a node. */
export interface DeviceMove {
  op: 'device.move'
  node: string
  interface: string
  index: number
  /** null: the device keeps its own. */
  mac: string | null
  mtu: number
  /** Its name on the machine. */
  device: string
}

/** Makes both ends of a veth pair, in two nodes, with their final names, indexes, MACs and MTU. */
export interface VethAdd {
  op: 'veth.add'
  node: string
  interface: string
  index: number
  mac: string | null
  mtu: number
  /** Transmit and receive queues of each end. */
  queues: number
  /** Most segments of a packet that the end is left to cut (GSO). Absent: the kernel's default. */
  gsoMaxSegs?: number
  peer: { node: string; interface: string; index: number; mac: string | null; mtu: number; gsoMaxSegs?: number }
}

/** Gives a WireGuard device its private key, and its peers with their allowed addresses. */
export interface WireguardSet {
  op: 'wireguard.set'
  node: string
  interface: string
  index: number
  settings: WireguardSettings
}

/** Gives a WireGuard device the endpoints and keepalives of its peers; before that, it cannot send. */
export interface WireguardStart {
  op: 'wireguard.start'
  node: string
  interface: string
  index: number
  /** Public key of the device itself. */
  publicKey: string
  peers: { key: string; endpoint: WireguardPeer['endpoint']; keepaliveSeconds: number | undefined }[]
  /** Interfaces of the lab to which it sends at once, because it has a keepalive for them. */
  opens: { node: string; interface: string }[]
}

/** Brings an interface up. */
export interface LinkUp {
  op: 'link.up'
  node: string
  interface: string
  index: number
  /** Absent: something is at the other end, so that the interface will run. */
  carrier?: false
}

/** Writes a kernel parameter of an interface, which is there only with it. */
export interface SysctlSet {
  op: 'sysctl.set'
  node: string
  interface: string
  index: number
  /** As in sysctl(8): `net.ipv6.conf.eth0.accept_ra`. */
  key: string
  value: string
}

/** Makes an interface a port of a bridge or, while it is down, a member of a bond or VRF. */
export interface LinkEnslave {
  op: 'link.enslave'
  node: string
  interface: string
  index: number
  master: { interface: string; index: number }
}

/** Changes the settings of a port of a bridge. */
export interface BridgePortSet extends PortSettings {
  op: 'bridge-port.set'
  node: string
  index: number
}

/** Adds a port of a bridge, or the bridge itself, to a VLAN, or removes it. */
export interface BridgeVlanChange {
  op: 'bridge-vlan.add' | 'bridge-vlan.delete'
  node: string
  interface: string
  index: number
  vid: number
  untagged: boolean
  /** The interface is the bridge itself. */
  self: boolean
}

/** Adds a remote to which a VXLAN sends frames for unknown and multicast addresses. */
export interface FloodAdd {
  op: 'flood.add'
  node: string
  interface: string
  index: number
  remote: string
}

export interface AddressAdd {
  op: 'address.add'
  node: string
  interface: string
  index: number
  family: Family
  /** `ADDRESS/LENGTH` */
  address: string
  /** Without duplicate address detection (RFC 4862), so that it can be used at once. */
  noDad: boolean
}

/** Adds permanent neighbour entries. A plan has one operation for all of an interface, since a LAN of 100 hosts has 19,800. */
export interface NeighboursAdd {
  op: 'neighbours.add'
  node: string
  interface: string
  index: number
  entries: readonly { address: string; mac: string }[]
}

/** Adds one of these, where operations are listed for people and scripts. */
export interface NeighbourAdd {
  op: 'neighbour.add'
  node: string
  interface: string
  index: number
  address: string
  mac: string
}

export interface RouteAdd {
  op: 'route.add'
  node: string
  family: Family
  /** `PREFIX/LENGTH` */
  destination: string
  nextHops: (NextHop & { index: number })[]
  source: string | null
  /** Absent: `unicast`. */
  type?: 'blackhole' | 'unreachable' | 'prohibit'
  metric?: number
  table?: number
  nexthopId?: number
}

/** Makes a next-hop object. */
export interface NexthopAdd {
  op: 'nexthop.add'
  node: string
  nexthop: ResolvedNexthop
  /** ifindex of its interface, where it has one. */
  index: number
}

/** Adds a policy rule. */
export interface RuleAdd {
  op: 'rule.add'
  node: string
  rule: ResolvedRule
}

/** Writes a kernel parameter of a node that runs already. A new one gets its own with `node.add`. */
export interface NodeSysctlSet {
  op: 'node-sysctl.set'
  node: string
  /** As in sysctl(8): `net.ipv4.ip_forward`. */
  key: string
  value: string
}

/**
 * Takes away what an operation made: the inverse of that operation. Nothing is to be done for sysctls and keys of WireGuard, which go
 * with their interface; they are there for the inverse. What is gone already is as good as removed.
 */
export interface Removal {
  op: 'remove'
  node: string
  what: ReversibleOp
}

/** Turns what one operation made into what another one of the same kind makes, in place. Of a veth pair, the end in `node` alone. */
export interface Replacement {
  op: 'replace'
  node: string
  from: ReversibleOp
  to: ReversibleOp
}

/** Runs a command in a node whose network is complete. */
export interface CommandRun {
  op: 'command.run'
  node: string
  command: string[]
}

/** Makes a device in one node, or a pair of them in two. */
export type DeviceOp = BridgeAdd | VethAdd | LinkAdd | TunAdd | DeviceMove
/** Configures an interface or a table of one node, or makes a device that needs another interface of it. */
export type ConfigOp =
  | BridgeAdd
  | LinkAdd
  | LinkEnslave
  | LinkUp
  | BridgePortSet
  | BridgeVlanChange
  | FloodAdd
  | WireguardSet
  | SysctlSet
  | AddressAdd
  | NeighboursAdd
  | NexthopAdd
  | RouteAdd
  | RuleAdd
  | QdiscAdd
  | ClassAdd
  | FilterAdd
  | NodeSysctlSet
  | Removal
  | Replacement
/** What a running lab can lose again, or have changed. */
export type ReversibleOp = DeviceOp | NeighbourAdd | Exclude<ConfigOp, Removal | Replacement>
/** A configuration that is one command for people and scripts. */
export type SingleConfigOp = Exclude<ConfigOp, NeighboursAdd> | NeighbourAdd
export type Op = NodeAdd | DeviceOp | SingleConfigOp | WireguardStart | CommandRun | WireLinkSet
