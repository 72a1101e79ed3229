// What the kernel has in the nodes of a running lab, in the words of a plan. Pure data.
import type { WireguardSettings } from '../../model/interfaces/wireguard.js'
import type { NodeStatus } from '../../model/lab-view.js'
import type {
  AddressAdd,
  BridgePortSet,
  BridgeVlanChange,
  FloodAdd,
  NeighbourAdd,
  NexthopAdd,
  RouteAdd,
  RuleAdd,
} from '../op.js'

export interface ObservedNode {
  name: string
  status: Exclude<NodeStatus, 'planned'>
  interfaces: ObservedInterface[]
  /**
   * Entries that a topology can have, in the order of the kernel: without link-local addresses and routes that the kernel makes by
   * itself, without its three rules of each family, without neighbours that are not permanent.
   */
  entries: ObservedEntry[]
  /**
   * Values of the sysctls that were asked for, with one blank between their parts, and group ids as the node has them; without those
   * that the node does not have.
   */
  sysctls: Record<string, string>
}

/** `interface` is the present name; `index` tells which interface it is. */
export type ObservedEntry =
  | (AddressAdd & Lasting)
  | (RouteAdd & { protocol: string })
  | NexthopAdd
  | RuleAdd
  | NeighbourAdd
  | FloodAdd
  | BridgePortSet
  | BridgeVlanChange

interface Lasting {
  /** Of an address that a daemon got for a time (DHCP, SLAAC). Absent: for ever. */
  temporary?: true
  /** The kernel has lost a route that it made with the address: to its subnet, or to itself. Absent: it has them. */
  disconnected?: true
}

export interface ObservedInterface {
  index: number
  name: string
  /** IFLA_INFO_KIND; `loopback`; `device` for a card; `tap` for a tun of that mode. */
  kind: string
  mac: string | null
  mtu: number
  /** IFF_UP, and IFF_RUNNING. */
  up: boolean
  running: boolean
  /** ifindex of the bridge, bond or VRF that it is a member of; null for none. */
  master: number | null
  /** Of a veth end: the other end. null when that is in no node of the lab, and for other kinds. The wire is the node WIRE_NODE. */
  peer: { node: string; index: number } | null
  gsoMaxSegs: number
  /**
   * Settings of its kind, in the words of DeviceSettings: all that the kernel reports. References to other interfaces are ifindexes, under the
   * same key. null for kinds without settings.
   */
  settings: Readonly<Record<string, unknown>> | null
  wireguard?: WireguardSettings
  /** Disciplines and classes that are not the kernel's own choice, in the order of the kernel. */
  disciplines: { kind: string; parent: number; handle: number }[]
  /** Values of the sysctls of this interface that were asked for, by the key with its name in the topology. */
  sysctls: Record<string, string>
}
