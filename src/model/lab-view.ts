// The view of a lab: one shape for a planned topology and for a running lab, from which all tables and documents are made. Pure
// data, JSON-safe.

import type { NamespaceKind } from '../namespace-kinds.js'
import type { Family } from './family.js'
import type { Direction, LinkEmulation } from './impairment.js'
import type { Point } from './picture/point.js'
import type { NodeKind } from './resolved.js'
import type { WireReport } from './wire-report.js'

/** A lab as it is shown. For a topology file, all states are `planned`; for a running lab, all values are the kernel's. */
export interface LabView {
  lab: string
  status: LabStatus
  /** null for a lab that does not run. */
  rootless: boolean | null
  keeper: { pid: number } | null
  nodes: NodeView[]
  links: LinkView[]
  /** The process that carries the frames of links; absent for a lab without one, and for one that does not run. */
  wire?: WireReport
  /** As in `LabSummary`. */
  degraded?: string[]
}

/** `damaged`, `orphaned`: it runs, but its state cannot be read, or its directory was removed, so it can only be taken down. */
export type LabStatus = 'planned' | 'building' | 'running' | 'paused' | 'damaged' | 'orphaned' | 'dead'

/** `dead`: the first process of the node has ended while the lab still runs. */
export type NodeStatus = 'planned' | 'running' | 'paused' | 'dead'

export interface NodeView {
  name: string
  kind: NodeKind
  /** PID of the node's first process in the PID namespace of the caller. */
  pid: number | null
  hostname: string
  /** What people call it; absent if it is called by its name. */
  title?: string
  /** The labels in the topology. */
  labels: Record<string, string>
  /** Where the centre of its box is in pictures; absent if the topology does not say. */
  position?: Point
  status: NodeStatus
  namespaces: Namespaces | null
  /** Its cgroup as /proc/PID/cgroup shows it outside; null if it is that of the keeper. */
  cgroup: string | null
  interfaces: InterfaceView[]
  routes: RouteView[]
  neighbours: NeighbourView[]
}

/** Inode numbers of namespaces, as `ls -Li /proc/PID/ns/` shows them; null for one that cannot be read. */
export type Namespaces = Record<NamespaceKind, number | null>

/** The kernel's operational state (RFC 2863) in lower case, as in iproute2; `planned` if the lab does not run. */
export type LinkState = 'planned' | 'up' | 'down' | 'lowerlayerdown' | 'dormant' | 'testing' | 'notpresent' | 'unknown'

export interface InterfaceView {
  name: string
  /** `loopback`, or the link kind of rtnetlink: `veth`, `bridge`, … */
  type: string
  index: number
  mac: string | null
  mtu: number
  state: LinkState
  /** Name of the bridge, bond or VRF that it is a member of, in the same node. */
  master: string | null
  /** The other end of a veth pair, `h1:eth0`. */
  peer: string | null
  addresses: AddressView[]
  /** Absent if the interface is no bridge, or the lab does not run. */
  bridge?: { stp: boolean; priority: number; vlanFiltering: boolean; groupFwdMask: number }
  /** Settings as a port of a bridge; absent if it is none, or the lab does not run. */
  bridgePort?: { cost: number; priority: number; groupFwdMask: number }
  /** Absent if the interface is of another kind. */
  wireguard?: WireguardView
  /** Interface of the same node that a VLAN, macvlan or ipvlan stands on. Absent: none. */
  parent?: string
  /** Absent if the interface is no VLAN. */
  vlan?: { id: number; protocol: '802.1q' | '802.1ad' }
  /** Absent if the interface is no tunnel, or a WireGuard interface. */
  tunnel?: TunnelView
  /** The VLANs that it has as a port of a bridge; absent if it is none, or the bridge looks at none. */
  portVlans?: PortVlansView
}

/** Where a tunnel leads: VXLAN, GENEVE, GRE, or IP in IP. */
export interface TunnelView {
  /** VXLAN or GENEVE network identifier, or the key of GRE; null: none. */
  id: number | null
  /** Address of the outer header; null leaves it to the routing table. */
  local: string | null
  /** Addresses of other ends: several of a VXLAN, none of one that learns them. */
  remotes: string[]
}

export interface PortVlansView {
  /** VLAN of frames without a tag; null: none. */
  untagged: number | null
  /** In ascending order. */
  tagged: number[]
}

/** The configuration and state of a WireGuard interface, without its private key. Keys are in base64. */
export interface WireguardView {
  publicKey: string | null
  /** UDP port; null if the kernel will choose one. */
  port: number | null
  peers: {
    /** Public key. */
    key: string
    /** `ADDRESS:PORT` or `[ADDRESS]:PORT`; null if it is not known yet. */
    endpoint: string | null
    /** `PREFIX/LENGTH` */
    allowed: string[]
    /** 0: none are sent. */
    keepaliveSeconds: number
    /** ISO 8601; null for none. */
    latestHandshake: string | null
    receivedBytes: number
    sentBytes: number
  }[]
}

export interface AddressView {
  family: Family
  /** `ADDRESS/LENGTH` */
  address: string
  /** iproute2's word: `global`, `link`, `host`, … */
  scope: string
}

export interface RouteView {
  family: Family
  /** `PREFIX/LENGTH`; `0.0.0.0/0` and `::/0` for default. */
  destination: string
  /** One entry for each next hop, in the order of `interfaces`; null: on-link. */
  gateways: (string | null)[]
  interfaces: string[]
  /** rtnetlink's word: `unicast`, or `blackhole`, `unreachable`, `prohibit` for routes that refuse packets and have no next hop. */
  type: string
  /** The share of packets of each next hop, in the order of `interfaces`; 1 each by default. */
  weights: number[]
  /** null: none. */
  metric: number | null
  /** iproute2's word or a number: `main`, `local`, … */
  table: string
  /** iproute2's word: `static`, `kernel`, … */
  protocol: string
}

export interface NeighbourView {
  interface: string
  family: Family
  address: string
  mac: string | null
  /** iproute2's word, lower case: `permanent`, `reachable`, `stale`, … */
  state: string
}

export interface LinkView {
  /** Endpoint `h1:eth0`. */
  a: string
  b: string
  type: string
  state: LinkState
  mtu: number
  /** Absent: frames are carried as they are, by a veth pair alone. */
  emulation?: LinkEmulationView
}

export interface LinkEmulationView {
  /** What impairs the frames; `auto` if that is not chosen yet, since the lab does not run. */
  backend: LinkEmulation['backend'] | 'tbf'
  /** For the frames that `a` sends, and for those that `b` sends. */
  directions: [Direction, Direction]
}

/** A lab in the list of `ls`. */
export interface LabSummary {
  name: string
  status: LabStatus
  /** The number of nodes that are paused. */
  paused: number
  nodes: number
  links: number
  keeper: { pid: number } | null
  rootless: boolean
  /** What is wrong since a change of it failed, one sentence each; absent when nothing is. */
  degraded?: string[]
}
