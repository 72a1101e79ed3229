// The operations a plan is made of: one thing the kernel is asked to do, as plain data. Nothing here has effects.

import type { NodeContents } from '../model/contents.js'
import type { DeviceSettings, SettingsFor } from '../model/interface-settings.js'
import type { Isolation } from '../model/isolation.js'
import type { Family, NodeKind, ResolvedNexthop, ResolvedRule } from '../model/resolved.js'
import type { WireguardPeer, WireguardSettings } from '../model/wireguard.js'

/** Makes a node: its namespaces, its private file systems, its names and its sysctls. */
export interface NodeAdd {
  op: 'node.add'
  node: string
  kind: NodeKind
  hostname: string
  domainname: string | null
  sysctls: Record<string, string>
  /** Absent where every namespace is the node's own, in the default way. */
  isolation?: Isolation
  /** Absent: none. Its commands are operations of their own. */
  contents?: Omit<NodeContents, 'commands'>
  /** The node in whose network it is; absent where the network is its own. */
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
  /** Absent: as the kernel has it. */
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

/** Takes a device of the machine's own into a node. */
export interface DeviceMove {
  op: 'device.move'
  node: string
  interface: string
  index: number
  /** null leaves it its own. */
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
  peer: { node: string; interface: string; index: number; mac: string | null; mtu: number }
}

/** Tells a WireGuard device its key and its peers, and what each may send from. */
export interface WireguardSet {
  op: 'wireguard.set'
  node: string
  interface: string
  index: number
  settings: WireguardSettings
}

/** Tells a WireGuard device where its peers are, and how often to write to them: only then can it send anything. */
export interface WireguardStart {
  op: 'wireguard.start'
  node: string
  interface: string
  index: number
  /** Its own. */
  publicKey: string
  peers: { key: string; endpoint: WireguardPeer['endpoint']; keepaliveSeconds: number | undefined }[]
  /** Interfaces of the lab that hear from it at once, by its keepalive. */
  opens: { node: string; interface: string }[]
}

/** Brings an interface up. */
export interface LinkUp {
  op: 'link.up'
  node: string
  interface: string
  index: number
  /** Absent where something is at the other end, so that it will run. */
  carrier?: false
}

/** Makes an interface a port of a bridge or, while it is down, a member of a bond or VRF. */
export interface LinkEnslave {
  op: 'link.enslave'
  node: string
  interface: string
  index: number
  master: { interface: string; index: number }
}

/** Puts a bridge's port, or the bridge itself, into a VLAN, or out of one. */
export interface BridgeVlanChange {
  op: 'bridge-vlan.add' | 'bridge-vlan.delete'
  node: string
  interface: string
  index: number
  vid: number
  untagged: boolean
  /** The bridge itself. */
  self: boolean
}

/** Has a VXLAN send what it knows no address for to one more remote. */
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

/** A permanent neighbour entry. */
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
  nextHops: { gateway: string | null; interface: string; index: number; weight?: number }[]
  source: string | null
  /** Absent: as in ResolvedRoute. */
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

/** Runs a command in a node that stands. */
export interface CommandRun {
  op: 'command.run'
  node: string
  command: string[]
}

/** Makes a device in one node, or a pair of them in two. */
export type DeviceOp = BridgeAdd | VethAdd | LinkAdd | TunAdd | DeviceMove
/** Configures what exists, inside one node, or makes what stands on it. */
export type ConfigOp =
  | BridgeAdd
  | LinkAdd
  | LinkEnslave
  | LinkUp
  | BridgeVlanChange
  | FloodAdd
  | WireguardSet
  | AddressAdd
  | NeighbourAdd
  | NexthopAdd
  | RouteAdd
  | RuleAdd
export type Op = NodeAdd | DeviceOp | ConfigOp | WireguardStart | CommandRun

/** What an operation acts on, in the words of an error message: `h1:eth0`, `h1`. */
export function targetOf(op: Op): string {
  switch (op.op) {
    case 'node.add':
      return op.node
    case 'veth.add':
      return `${op.node}:${op.interface}–${op.peer.node}:${op.peer.interface}`
    case 'address.add':
    case 'neighbour.add':
      return `${op.node}:${op.interface} ${op.address}`
    case 'nexthop.add':
      return `${op.node} next hop ${op.nexthop.id}`
    case 'rule.add':
      return `${op.node} rule ${op.rule.priority}`
    case 'route.add':
      return `${op.node} ${op.destination}`
    case 'bridge-vlan.add':
    case 'bridge-vlan.delete':
      return `${op.node}:${op.interface} VLAN ${op.vid}`
    case 'flood.add':
      return `${op.node}:${op.interface} ${op.remote}`
    case 'command.run':
      return `${op.node} ${op.command.join(' ')}`
    case 'bridge.add':
    case 'link.add':
    case 'tun.add':
    case 'device.move':
    case 'wireguard.set':
    case 'wireguard.start':
    case 'link.enslave':
    case 'link.up':
      return `${op.node}:${op.interface}`
  }
}
