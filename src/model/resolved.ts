// The resolved topology: every name, index, MAC address, IP address and route is filled in. Pure data, JSON-safe, byte for byte the
// same for the same file.

import type { NodeContents } from './contents.js'
import type { Family } from './family.js'
import type { LinkEmulation } from './impairment.js'
import type { DeviceSettings, InterfaceKind } from './interfaces/kinds.js'
import type { PortSettings, PortVlans } from './interfaces/masters.js'
import type { Isolation } from './isolation.js'
import type { Point } from './picture/point.js'
import type { Checks } from './reach/check.js'

export type NodeKind = 'host' | 'router' | 'switch'

export interface ResolvedTopology {
  name: string
  nodes: ResolvedNode[]
  /** Every veth pair, in the order of the file. */
  links: ResolvedLink[]
  /** The text of /etc/hosts, which is the same in all nodes. */
  hosts: string
  /** The entries that ARP and ND make when every node talks to every other on its links, beside the permanent ones. */
  neighbourEntries: { ipv4: number; ipv6: number }
  /** Warnings for the user, one sentence each. */
  warnings: string[]
  /** Remarks about what was decided, one sentence each; absent if there are none. */
  notes?: string[]
  /** What the file promises; absent if it has no checks. No plan depends on it. */
  checks?: Checks
}

export interface ResolvedNode {
  name: string
  kind: NodeKind
  /** The name for sethostname(2). It is not set in a node with the host's UTS namespace. */
  hostname: string
  /** The NIS domain name for setdomainname(2); null leaves the kernel's "(none)". */
  domainname: string | null
  /** What people call it; absent if it is called by its name. */
  title?: string
  /** The labels that the user wrote. */
  labels: Record<string, string>
  /** Where the centre of its box is in pictures, from their left and upper edge; absent if the layout chooses it. */
  position?: Point
  /** `lo`, the bridge of a switch, the ends of links in order of appearance, then the others, each after those it stands on. */
  interfaces: ResolvedInterface[]
  routes: ResolvedRoute[]
  /** Absent: none. */
  nexthops?: ResolvedNexthop[]
  /** Absent: only the kernel's own rules. */
  rules?: ResolvedRule[]
  neighbours: ResolvedNeighbour[]
  /** Values by dotted key, in the order in which they are written: all those that the node must not inherit from the host. */
  sysctls: Record<string, string>
  /** Absent if all namespaces are the node's own, with the default users and clocks. */
  isolation?: Isolation
  /** Absent: no contents. */
  contents?: NodeContents
  /** The node whose network namespace this node is in; absent if it has one of its own. */
  network?: string
}

export interface ResolvedInterface {
  name: string
  kind: InterfaceKind
  /** ifindex: 1 for lo, above 15 for others. The two ends of a link have different ones. */
  index: number
  /** Lower case, with colons; null if nslab sets none. A computed one is locally administered unicast. */
  mac: string | null
  mtu: number
  /** Name of the bridge, bond or VRF that it is a member of, in the same node. */
  master: string | null
  /** The other end of a veth pair. */
  peer: Endpoint | null
  /** `ADDRESS/LENGTH`, canonical text (RFC 5952 for IPv6), IPv4 first. */
  addresses: string[]
  /** The settings of its kind; absent if it is not written under `interfaces`. */
  settings?: DeviceSettings
  /** Sysctls of this interface, by key. Absent: none. */
  sysctls?: Record<string, string>
  /** The settings of a bridge's ports; absent if none are written. */
  ports?: PortSettings[]
  /** The VLANs of a bridge's ports; absent if none are written. */
  vlans?: PortVlans[]
  /** Absent if it is brought up. */
  up?: false
  /** Absent if it will be running (IFF_RUNNING) once the lab is built. */
  carrier?: false
}

export interface Endpoint {
  node: string
  interface: string
}

export interface ResolvedLink {
  /** null for a link without a name. */
  name: string | null
  endpoints: [Endpoint, Endpoint]
  /** The smaller MTU of the two ends. */
  mtu: number
  /**
   * The number by which a running lab, and its wire, know the link; it stays when links before it in the file come and go. Absent: the
   * place in `links`, from 0.
   */
  number?: number
  /** Absent: frames are carried as they are, by a veth pair alone. */
  emulation?: LinkEmulation
}

export interface ResolvedRoute {
  family: Family
  /** `PREFIX/LENGTH`; `0.0.0.0/0` and `::/0` for default. */
  destination: string
  /** One next hop, or several of equal cost (multipath). */
  nextHops: NextHop[]
  /** Absent: `unicast`. Routes of other types have no next hops. */
  type?: 'blackhole' | 'unreachable' | 'prohibit'
  /** Absent: the kernel's default. */
  metric?: number
  /** Absent: the main table. */
  table?: number
  /** Id of the next-hop object that it uses; `nextHops` is empty then. */
  nexthopId?: number
  /** Preferred source address of packets of the node itself; null leaves the choice to the kernel. */
  source: string | null
}

export interface NextHop {
  /** null: on-link. */
  gateway: string | null
  interface: string
  /** The share of packets among several next hops. Absent: 1. */
  weight?: number
  /** The gateway is taken to be on the link although it is on no subnet of the interface (RTNH_F_ONLINK). Absent: it is on one. */
  onlink?: true
}

/** A next-hop object: one next hop, a blackhole, or a group of other objects. */
export type ResolvedNexthop = { id: number; family: Family } & (
  | { hop: { gateway: string | null; interface: string; onlink?: true } }
  | { blackhole: true }
  | { group: { id: number; weight: number }[] }
)

/** A policy rule. */
export interface ResolvedRule {
  family: Family
  priority: number
  /** `PREFIX/LENGTH` */
  from?: string
  to?: string
  iif?: string
  fwmark?: { mark: number; mask?: number }
  action: { table: number } | 'blackhole' | 'unreachable' | 'prohibit'
}

export interface ResolvedNeighbour {
  interface: string
  address: string
  mac: string
}
