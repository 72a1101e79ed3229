// What can be seen of a lab: the one shape that a planned topology and an observed lab share, and that everything
// which presents a lab reads. Pure data, JSON-safe.
import type { NamespaceKind } from '../namespace-kinds.js'
import type { Family, NodeKind } from './resolved.js'

/** A lab as it is presented. From a file, everything is `planned`; from a running lab, all of it is the kernel's. */
export interface LabView {
  lab: string
  status: LabStatus
  /** null where nothing runs. */
  rootless: boolean | null
  keeper: { pid: number } | null
  nodes: NodeView[]
  links: LinkView[]
}

/** `damaged`: it runs, but its state cannot be read, so it can only be taken down. */
export type LabStatus = 'planned' | 'building' | 'running' | 'paused' | 'damaged' | 'dead'

/** `dead`: the node's first process is gone while the lab still runs. */
export type NodeStatus = 'planned' | 'running' | 'paused' | 'dead'

export interface NodeView {
  name: string
  kind: NodeKind
  /** The first process, as the caller's PID namespace numbers it. */
  pid: number | null
  hostname: string
  /** Words of the user's own, as the topology has them. */
  labels: Record<string, string>
  status: NodeStatus
  namespaces: Namespaces | null
  /** Its cgroup as /proc/PID/cgroup shows it outside; null where it has none but the keeper's. */
  cgroup: string | null
  interfaces: InterfaceView[]
  routes: RouteView[]
  neighbours: NeighbourView[]
}

/** Inode numbers, as `ls -Li /proc/PID/ns/` shows them; null for one that could not be read. */
export type Namespaces = Record<NamespaceKind, number | null>

/** The kernel's operational state (RFC 2863) in iproute2's words, lower case; `planned` when nothing runs. */
export type LinkState = 'planned' | 'up' | 'down' | 'lowerlayerdown' | 'dormant' | 'testing' | 'notpresent' | 'unknown'

export interface InterfaceView {
  name: string
  /** `loopback`, or the link kind of rtnetlink: `veth`, `bridge`, … */
  type: string
  index: number
  mac: string | null
  mtu: number
  state: LinkState
  /** Name of the bridge (or other upper device) in the same node. */
  master: string | null
  /** The other end as an endpoint, `h1:eth0`. */
  peer: string | null
  addresses: AddressView[]
  /** Absent for interfaces of other kinds. */
  wireguard?: WireguardView
}

/** What a WireGuard interface knows, but its private key. Keys are base64. */
export interface WireguardView {
  publicKey: string | null
  /** UDP port; null where the kernel is to choose one. */
  port: number | null
  peers: {
    /** Public. */
    key: string
    /** `ADDRESS:PORT`, `[ADDRESS]:PORT`; null where it has not been heard of yet. */
    endpoint: string | null
    /** `PREFIX/LENGTH` */
    allowed: string[]
    /** 0 for never. */
    keepaliveSeconds: number
    /** ISO 8601; null where there was none. */
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
  /** One entry a next hop, in step with `interfaces`; null: on-link. */
  gateways: (string | null)[]
  interfaces: string[]
  /** null: not chosen by us, or none. */
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
}

/** A lab as one line of `ls`. */
export interface LabSummary {
  name: string
  status: LabStatus
  /** How many of its nodes are. */
  paused: number
  nodes: number
  links: number
  keeper: { pid: number } | null
  rootless: boolean
}
