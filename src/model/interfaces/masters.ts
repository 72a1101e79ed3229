// Kinds that have members: bridges, bonds and VRFs.
import { ALONE, type InterfaceTraits, inNode, kernelSupport, LOOPBACK_MTU } from './traits.js'

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
  /** Bit X: frames to 01:80:C2:00:00:0X are forwarded. */
  group_fwd_mask?: number | undefined
}

export interface VrfSettings {
  kind: 'vrf'
  /** Number of its routing table. */
  table: number
}

export const MASTER_TRAITS = {
  bridge: {
    ...ALONE,
    isEthernet: true,
    members: 'bridged',
    mtu: 'members',
    mac: 'computed',
    carrier: 'members',
    identity: null,
    kernel: kernelSupport('bridges', 'no switches and no LANs of three nodes or more', 'CONFIG_BRIDGE', 'bridge'),
  },
  bond: {
    ...ALONE,
    isEthernet: true,
    references: { primary: 'member' },
    members: 'bonded',
    mtu: 'members',
    mac: 'computed',
    carrier: 'members',
    identity: null,
    kernel: kernelSupport('bonding', 'no bonds', 'CONFIG_BONDING', 'bonding'),
  },
  vrf: {
    ...ALONE,
    isEthernet: false,
    members: 'routed',
    mtu: LOOPBACK_MTU,
    mac: 'kernel',
    carrier: 'always',
    identity: ({ table }) => inNode(`table ${table}`, 'table'),
    kernel: kernelSupport('VRF', 'no VRFs; a node has one set of interfaces and routes', 'CONFIG_NET_VRF', 'vrf'),
  },
} as const satisfies {
  bridge: InterfaceTraits<BridgeSettings>
  bond: InterfaceTraits<BondSettings>
  vrf: InterfaceTraits<VrfSettings>
}

export type MasterSettings = BridgeSettings | BondSettings | VrfSettings

/** The settings of a port of a bridge. The kernel's default holds for an absent one. */
export interface PortSettings {
  interface: string
  /** Path cost in the spanning tree. */
  cost?: number | undefined
  priority?: number | undefined
  /** Bit X: frames to 01:80:C2:00:00:0X are forwarded. */
  group_fwd_mask?: number | undefined
}

/** The VLANs of a port of a bridge, or of the bridge itself. */
export interface PortVlans {
  interface: string
  /** The default VLAN that the kernel gives it, if it must be removed; null if it stays. */
  without: number | null
  untagged: number | null
  tagged: number[]
}
