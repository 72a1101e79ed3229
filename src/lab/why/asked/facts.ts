// What a way through the lab is explained from: the words of each node's kernel, and which interfaces are wired to each other.
import type { Family } from '../../../model/family.js'
import type { Ruleset } from '../firewall/ruleset.js'

export interface InterfaceFacts {
  name: string
  mac: string | null
  /** IFF_UP: its administrator wants it up. */
  up: boolean
  carrier: boolean
  mtu: number
  /** As in `ip -d link`: `veth`, `bridge`, `vlan`, …; null for one without a kind, such as lo. */
  kind: string | null
  /** Whether it resolves no neighbours (IFF_NOARP), as tunnels do. */
  noArp: boolean
  /** The bridge or VRF that it is a port of. */
  master: string | null
  /** The interface below, such as that of a VLAN. */
  parent: string | null
  /** Of a VLAN interface. */
  vlanId: number | null
  /** Of a bridge: whether it filters by VLAN. */
  filtersVlans: boolean
  /** Of a port of a bridge; null for other interfaces. */
  port: { state: string; isolated: boolean } | null
  addresses: string[]
  /** As `addresses`, each with its prefix length. */
  prefixes: string[]
}

/** A VLAN of a bridge's port, or of the bridge itself. */
export interface PortVlan {
  id: number
  /** Whether frames without a tag belong to it. */
  isPvid: boolean
  /** Whether its frames leave without a tag. */
  isUntagged: boolean
}

/** A rule of the routing policy database, as `ip -j rule` has it (ip-rule(8)). */
export interface PolicyRule {
  priority: number
  not?: null
  src?: string
  srclen?: number
  dst?: string
  dstlen?: number
  iif?: string
  oif?: string
  fwmark?: string
  fwmask?: string
  ipproto?: string
  sport?: number
  dport?: number
  table?: string
  action?: string
  [selector: string]: unknown
}

export interface NodeFacts {
  /** No command can be run in a node that is paused or dead; its kernel goes on. */
  status: 'running' | 'paused' | 'dead'
  interfaces: ReadonlyMap<string, InterfaceFacts>
  neighbours: readonly { address: string; interface: string; mac: string | null; permanent: boolean }[]
  /** Paths below /proc/sys/net and their values, such as `ipv4/ip_forward`. */
  sysctls: ReadonlyMap<string, string>
  rules: readonly PolicyRule[]
  /** Lines of `ip rule` for the family, by priority. */
  ruleTexts: readonly string[]
  /** Lines of `ip -o route show table all` for the family. */
  routes: readonly string[]
  /** VLANs by port, where a bridge filters by them. */
  vlans: ReadonlyMap<string, readonly PortVlan[]>
  /** Rules of nftables and iptables; null where nft(8) cannot be run. */
  firewall: Ruleset | null
  /** What commands of the node did that could not be read, in words; their tables are empty. */
  unread: readonly string[]
  /** Whether that is so of the interfaces, without which nothing can be said of the node. */
  isOpaque: boolean
}

/** A question for RTM_GETROUTE. */
export interface RouteQuestion {
  to: string
  /** null where the kernel chooses it. */
  from: string | null
  /** The interface by which the packet has arrived; null for one of the node's own. */
  iif: string | null
  family: Family
  /** 0 without one. */
  mark: number
  protocol: 'icmp' | 'tcp' | 'udp'
  /** null for ICMP, and for a port that the kernel chooses. */
  sport: number | null
  dport: number | null
}

/** A protocol as ip(8) names it. */
export const protocolName = (protocol: RouteQuestion['protocol'], family: Family): string =>
  protocol === 'icmp' && family === 6 ? 'ipv6-icmp' : protocol

/** What the kernel answers: a route, or the error in its words. */
export type RouteAnswer =
  | {
      type: string
      /** The table in which the route stands, by the name or number that ip(8) has for it. */
      table: string
      interface: string
      gateway: string | null
      source: string | null
      mtu: number | null
      text: string
    }
  | { error: string }
  | Unread

/** A command whose output cannot be read. */
export interface Unread {
  /** What it did, such as `ip route get printed what is no JSON`. */
  unread: string
}

/** The lab as the walk asks it. */
export interface Asked {
  /** null for a node that cannot be asked. */
  facts(node: string): Promise<NodeFacts | null>
  route(node: string, question: RouteQuestion): Promise<RouteAnswer>
  /** The other end of a link: NODE and interface. */
  peer(node: string, name: string): Place | null
  /** The bridge that the topology makes an interface a port of. */
  plannedMaster(node: string, name: string): string | null
  /** Routes of the topology: the words of `ip route add`, for a node and an address. */
  plannedRoute(node: string, address: string): string | null
  /** The interfaces of a node that the topology links. */
  linked(node: string): readonly string[]
  /** The node and interface that the topology gives an address, with its prefix length; of that node, if one is named. */
  plannedAddress(address: string, node?: string): (Place & { prefix: string }) | null
}

export interface Place {
  node: string
  interface: string
}
