// The resolved topology: every name, index, MAC, address and route filled in. Pure data, JSON-safe, byte-for-byte
// the same for the same file.
import type { NodeContents } from './contents.js'
import type { DeviceSettings, InterfaceKind, PortVlans } from './interface-settings.js'
import type { Isolation } from './isolation.js'

export type NodeKind = 'host' | 'router' | 'switch'
export type Family = 4 | 6

export interface ResolvedTopology {
  name: string
  nodes: ResolvedNode[]
  /** Every veth pair, in file order. */
  links: ResolvedLink[]
  /** Complete text of the /etc/hosts that every node sees. */
  hosts: string
  /** Entries that ARP and ND make, over all LANs, when every node talks to every other; 0 with static neighbours. */
  neighbourEntries: { ipv4: number; ipv6: number }
  /** Things the user should know, one sentence each. */
  warnings: string[]
}

export interface ResolvedNode {
  name: string
  kind: NodeKind
  /** The name set with sethostname(2); not in a node that has the host's UTS namespace. */
  hostname: string
  /** The NIS domain name set with setdomainname(2); null leaves the kernel's "(none)". */
  domainname: string | null
  /** Words of the user's own about the node. */
  labels: Record<string, string>
  /** `lo`, a switch's bridge, the links' ends in order of appearance, then the rest, what others stand on first. */
  interfaces: ResolvedInterface[]
  routes: ResolvedRoute[]
  /** Absent: none. */
  nexthops?: ResolvedNexthop[]
  /** Absent: the kernel's own alone. */
  rules?: ResolvedRule[]
  neighbours: ResolvedNeighbour[]
  /** Dotted key to value; complete: whatever would be inherited from the host is in here. In writing order. */
  sysctls: Record<string, string>
  /** Absent where every namespace is the node's own and nothing is said of users and clocks. */
  isolation?: Isolation
  /** Absent: nothing beside its network. */
  contents?: NodeContents
  /** The node in whose network this one is; absent for one with a network of its own. */
  network?: string
}

export interface ResolvedInterface {
  name: string
  kind: InterfaceKind
  /** ifindex: 1 for lo, others above 15; the two ends of a link have different ones. */
  index: number
  /** null for lo. Locally administered unicast, lower case, colons. */
  mac: string | null
  mtu: number
  /** Name of the bridge, bond or VRF it belongs to, in the same node. */
  master: string | null
  /** The other end of a veth pair. */
  peer: Endpoint | null
  /** `ADDRESS/LENGTH`, canonical text (RFC 5952 for IPv6), IPv4 first. */
  addresses: string[]
  /** What its kind needs; absent where nothing is written under `interfaces`. */
  settings?: DeviceSettings
  /** VLANs of a bridge's ports; absent where none are written. */
  vlans?: PortVlans[]
  /** Absent where it is brought up. */
  up?: false
  /** Absent where something will be at the other end, so that it will run. */
  carrier?: false
}

export interface Endpoint {
  node: string
  interface: string
}

export interface ResolvedLink {
  /** null for a link that was not given one. */
  name: string | null
  endpoints: [Endpoint, Endpoint]
  /** The smaller one, where the ends differ. */
  mtu: number
}

export interface ResolvedRoute {
  family: Family
  /** `PREFIX/LENGTH`; `0.0.0.0/0` and `::/0` for default. */
  destination: string
  /** One next hop, or several of equal cost (multipath). */
  nextHops: NextHop[]
  /** Absent: `unicast`. The others have no next hops. */
  type?: 'blackhole' | 'unreachable' | 'prohibit'
  /** Absent: the kernel's default. */
  metric?: number
  /** Absent: the main table. */
  table?: number
  /** The next-hop object that it uses; then `nextHops` is empty. */
  nexthopId?: number
  /** Preferred source address, where the node has a loopback address; null leaves the choice to the kernel. */
  source: string | null
}

export interface NextHop {
  /** null: on-link. */
  gateway: string | null
  interface: string
  /** Its share among several; absent: 1. */
  weight?: number
}

/** A next-hop object: one next hop, nowhere, or a group of others. */
export type ResolvedNexthop = { id: number; family: Family } & (
  | { hop: { gateway: string | null; interface: string } }
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
