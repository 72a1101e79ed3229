// The settings of each kind of interface, beside its name, index, MAC address and MTU. They are as they are written in the
// topology, but have IP addresses in place of names of nodes. Pure data, JSON-safe.
import type { WireguardSettings } from './wireguard.js'

export interface BondSettings {
  kind: 'bond'
  mode: 'active-backup' | 'balance-rr' | 'balance-xor' | 'broadcast' | '802.3ad' | 'balance-tlb' | 'balance-alb'
  /** In milliseconds, as are the two delays. */
  miimon: number
  updelay?: number | undefined
  downdelay?: number | undefined
  /** Name of a member. */
  primary?: string | undefined
  xmit_hash_policy?: 'layer2' | 'layer2+3' | 'layer3+4' | 'encap2+3' | 'encap3+4' | 'vlan+srcmac' | undefined
  min_links?: number | undefined
  lacp_rate?: 'slow' | 'fast' | undefined
}

/** Times are in seconds. The kernel's default holds for an absent setting. */
export interface BridgeSettings {
  kind: 'bridge'
  stp?: boolean | undefined
  priority?: number | undefined
  forward_delay?: number | undefined
  hello_time?: number | undefined
  max_age?: number | undefined
  ageing?: number | undefined
  multicast_snooping?: boolean | undefined
  vlan_filtering?: boolean | undefined
  /** 0 for none. */
  default_pvid?: number | undefined
}

/** The ends of a tunnel. Without `local` and `dev`, the routing table chooses them. */
interface TunnelSettings {
  remote: string
  local?: string | undefined
  /** Name of the interface that packets leave by. */
  dev?: string | undefined
  /** Time to live, or hop limit, of the outer header; 0 copies the inner packet's. */
  ttl: number
}

export interface GreSettings extends TunnelSettings {
  kind: 'gre' | 'gretap' | 'ip6gre' | 'ip6gretap'
  key?: number | undefined
}

export interface IpTunnelSettings extends TunnelSettings {
  kind: 'ipip' | 'sit'
}

export interface Ip6TunnelSettings extends TunnelSettings {
  kind: 'ip6tnl'
  mode: 'any' | 'ipip6' | 'ip6ip6'
}

export interface VxlanSettings {
  kind: 'vxlan'
  id: number
  /** The first one is a setting of the device, the others become entries of its forwarding table. */
  remote: string[]
  local?: string | undefined
  dev?: string | undefined
  ttl: number
  learning: boolean
  /** UDP port. */
  dstport: number
}

export interface GeneveSettings {
  kind: 'geneve'
  id: number
  remote: string
  ttl: number
  dstport: number
}

export interface VlanSettings {
  kind: 'vlan'
  parent: string
  id: number
  protocol: '802.1q' | '802.1ad'
}

export interface MacvlanSettings {
  kind: 'macvlan'
  parent: string
  mode: 'bridge' | 'private' | 'vepa' | 'passthru'
}

export interface IpvlanSettings {
  kind: 'ipvlan'
  parent: string
  mode: 'l2' | 'l3' | 'l3s'
  flag: 'bridge' | 'private' | 'vepa'
}

export interface VrfSettings {
  kind: 'vrf'
  /** Number of its routing table. */
  table: number
}

/** A device of the machine, which the node has while the lab runs. */
export interface HostDeviceSettings {
  kind: 'device'
  /** Its name on the machine. */
  device: string
}

export interface PlainSettings {
  kind: 'dummy' | 'ifb'
}

/** A device with a program at its other end. */
export interface TunSettings {
  kind: 'tun' | 'tap'
}

export type DeviceSettings =
  | BondSettings
  | BridgeSettings
  | GreSettings
  | IpTunnelSettings
  | Ip6TunnelSettings
  | VxlanSettings
  | GeneveSettings
  | VlanSettings
  | MacvlanSettings
  | IpvlanSettings
  | VrfSettings
  | HostDeviceSettings
  | PlainSettings
  | TunSettings
  | WireguardSettings

/** Kinds of interfaces that are written under `interfaces`. */
export type DeviceKind = DeviceSettings['kind']

/** All kinds of interfaces that a node can have. */
export type InterfaceKind = 'loopback' | 'veth' | DeviceKind

/** Settings of one kind. */
export type SettingsFor<K extends DeviceKind, S extends DeviceSettings = DeviceSettings> = S extends unknown
  ? K extends S['kind']
    ? S
    : never
  : never

/** The VLANs of a port of a bridge, or of the bridge itself. */
export interface PortVlans {
  interface: string
  /** The default VLAN that the kernel gives it, if it must be removed; null if it stays. */
  without: number | null
  untagged: number | null
  tagged: number[]
}
