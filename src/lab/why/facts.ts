// What a way through the lab is explained from: the words of each node's kernel, and which interfaces are wired to each other.
import type { Family } from '../../model/family.js'

export interface InterfaceFacts {
  name: string
  mac: string | null
  /** IFF_UP: its administrator wants it up. */
  up: boolean
  carrier: boolean
  mtu: number
  /** The bridge or VRF that it is a port of. */
  master: string | null
  /** The interface below, such as that of a VLAN. */
  parent: string | null
  addresses: string[]
}

export interface NodeFacts {
  interfaces: ReadonlyMap<string, InterfaceFacts>
  neighbours: readonly { address: string; interface: string; mac: string | null; permanent: boolean }[]
  /** Paths below /proc/sys/net and their values, such as `ipv4/ip_forward`. */
  sysctls: ReadonlyMap<string, string>
  /** Lines of `ip rule` for the family. */
  rules: readonly string[]
  /** Lines of `ip route show table all` for the family. */
  routes: readonly string[]
  /** `nft -a list ruleset`; null where nft(8) cannot be run. */
  nft: string | null
}

/** A question for RTM_GETROUTE. */
export interface RouteQuestion {
  to: string
  /** null where the kernel chooses it. */
  from: string | null
  /** The interface by which the packet has arrived; null for one of the node's own. */
  iif: string | null
  family: Family
}

/** What the kernel answers: a route, or the error in its words. */
export type RouteAnswer =
  | { type: string; interface: string; gateway: string | null; source: string | null; text: string }
  | { error: string }

/** The lab as the walk asks it. */
export interface Asked {
  /** null for a node that is dead or paused, and cannot be asked. */
  facts(node: string): Promise<NodeFacts | null>
  route(node: string, question: RouteQuestion): Promise<RouteAnswer>
  /** The other end of a link: NODE and interface. */
  peer(node: string, name: string): Place | null
  /** Routes of the topology: the words of `ip route add`, for a node and an address. */
  plannedRoute(node: string, address: string): string | null
  /** The node and interface that the topology gives an address, with its prefix length. */
  plannedAddress(address: string): (Place & { prefix: string }) | null
}

export interface Place {
  node: string
  interface: string
}
