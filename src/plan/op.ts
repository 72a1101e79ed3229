// The operations a plan is made of: one thing the kernel is asked to do, as plain data. Nothing here has effects.
import type { Isolation } from '../topology/isolation.js'
import type { Family, NodeKind } from '../topology/resolved.js'

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
}

/** Makes a bridge device. */
export interface BridgeAdd {
  op: 'bridge.add'
  node: string
  interface: string
  index: number
  mac: string | null
  mtu: number
}

/** Makes both ends of a veth pair, in two nodes, with their final names, indexes, MACs and MTU. */
export interface VethAdd {
  op: 'veth.add'
  node: string
  interface: string
  index: number
  mac: string | null
  mtu: number
  peer: { node: string; interface: string; index: number; mac: string | null; mtu: number }
}

/** Brings an interface up, and makes it a port of a bridge when `master` is given. */
export interface LinkUp {
  op: 'link.up'
  node: string
  interface: string
  index: number
  master: { interface: string; index: number } | null
}

export interface AddressAdd {
  op: 'address.add'
  node: string
  interface: string
  index: number
  family: Family
  /** `ADDRESS/LENGTH` */
  address: string
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
  nextHops: { gateway: string | null; interface: string; index: number }[]
  source: string | null
}

/** Makes a device in one node, or a pair of them in two. */
export type DeviceOp = BridgeAdd | VethAdd
/** Configures what exists, inside one node. */
export type ConfigOp = LinkUp | AddressAdd | NeighbourAdd | RouteAdd
export type Op = NodeAdd | DeviceOp | ConfigOp

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
    case 'route.add':
      return `${op.node} ${op.destination}`
    case 'bridge.add':
    case 'link.up':
      return `${op.node}:${op.interface}`
  }
}
