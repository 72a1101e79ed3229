// The table of all kinds of interfaces and their traits. A kind without an entry, and an entry that lacks a trait, do not compile.
import { greTunnel, inNode, ipTunnel, vxlan } from './interface-identity.js'
import type { DeviceSettings, InterfaceKind } from './interface-settings.js'
import type { Identity, InterfaceTraits, KernelSupport, ReferenceKey, ReferenceTo } from './interface-traits.js'

/** The default of Ethernet (RFC 894). */
export const DEFAULT_MTU = 1500
/** That of `lo` in Linux, which VRFs have too (drivers/net/loopback.c, drivers/net/vrf.c). */
const LOOPBACK_MTU = 65_536

/** Header sizes in bytes. */
const ETHERNET = 14
/** RFC 2784; the key is four bytes more (RFC 2890). */
const GRE = 4
const GRE_KEY = 4
/** UDP, and VXLAN (RFC 7348) or Geneve without options (RFC 8926): both are as long. */
const UDP_TUNNEL = 8 + 8 + ETHERNET
/** UDP, the header of a data message, and the tag after it. */
const WIREGUARD = 8 + 16 + 16
/** The destination option that limits tunnels within tunnels (RFC 2473 section 4.1.1), which Linux sends by default. */
const ENCAP_LIMIT = 8

/** Linux's default for packets of its own (RFC 1700), and iproute2's for tunnels over IPv6. */
const TTL = 64
/** iproute2's default for GRE and IP in IP over IPv4. */
const INHERITED_TTL = 0

const kernel = (title: string, cost: string, config: string, module: string): KernelSupport => ({
  title,
  cost,
  config,
  module,
})

const gre = ({ key }: { key?: unknown }): number => GRE + (key === undefined ? 0 : GRE_KEY)

const ALONE = { references: {}, parent: null, members: null, encapsulation: null } as const

const IP_TUNNEL = {
  isEthernet: false,
  references: { dev: 'any' },
  parent: null,
  members: null,
  mtu: 'below',
  mac: 'none',
  carrier: 'always',
} as const

const ETHERNET_TUNNEL = { ...IP_TUNNEL, isEthernet: true, mac: 'computed' } as const

/** In the order in which `nslab doctor` lists the kinds. */
export const TRAITS = {
  loopback: {
    ...ALONE,
    isEthernet: false,
    mtu: LOOPBACK_MTU,
    mac: 'none',
    carrier: 'always',
    identity: null,
    kernel: null,
  },
  veth: {
    ...ALONE,
    isEthernet: true,
    mtu: 'link',
    mac: 'computed',
    carrier: 'always',
    identity: null,
    kernel: kernel('virtual Ethernet pairs', 'no links between nodes', 'CONFIG_VETH', 'veth'),
  },
  bridge: {
    ...ALONE,
    isEthernet: true,
    members: 'bridged',
    mtu: 'members',
    mac: 'computed',
    carrier: 'members',
    identity: null,
    kernel: kernel('bridges', 'no switches and no LANs of three nodes or more', 'CONFIG_BRIDGE', 'bridge'),
  },
  vlan: {
    isEthernet: true,
    references: { parent: 'ethernet' },
    parent: { sharesNetwork: false, limitsMtu: true },
    members: null,
    encapsulation: null,
    mtu: 'below',
    mac: 'kernel',
    carrier: 'parent',
    identity: ({ id, parent }) => inNode(`VLAN ${id} of ${parent}`, 'id'),
    kernel: kernel('802.1Q VLANs', 'no VLAN interfaces', 'CONFIG_VLAN_8021Q', '8021q'),
  },
  vxlan: {
    ...ETHERNET_TUNNEL,
    encapsulation: { family: 'remote', ttl: TTL, headers: () => UDP_TUNNEL },
    identity: vxlan,
    kernel: kernel('VXLAN', 'no VXLAN overlays', 'CONFIG_VXLAN', 'vxlan'),
  },
  macvlan: {
    isEthernet: true,
    references: { parent: 'ethernet' },
    parent: { sharesNetwork: true, limitsMtu: true },
    members: null,
    encapsulation: null,
    mtu: 'below',
    mac: 'computed',
    carrier: 'parent',
    identity: null,
    kernel: kernel('macvlan', 'no macvlan interfaces', 'CONFIG_MACVLAN', 'macvlan'),
  },
  ipvlan: {
    isEthernet: true,
    references: { parent: 'ethernet' },
    parent: { sharesNetwork: true, limitsMtu: false },
    members: null,
    encapsulation: null,
    mtu: 'below',
    mac: 'kernel',
    carrier: 'parent',
    identity: null,
    kernel: kernel('ipvlan', 'no ipvlan interfaces', 'CONFIG_IPVLAN', 'ipvlan'),
  },
  dummy: {
    ...ALONE,
    isEthernet: true,
    mtu: DEFAULT_MTU,
    mac: 'computed',
    carrier: 'always',
    identity: null,
    kernel: kernel('dummy interfaces', 'no dummy interfaces; put addresses on lo instead', 'CONFIG_DUMMY', 'dummy'),
  },
  vrf: {
    ...ALONE,
    isEthernet: false,
    members: 'routed',
    mtu: LOOPBACK_MTU,
    mac: 'kernel',
    carrier: 'always',
    identity: ({ table }) => inNode(`table ${table}`, 'table'),
    kernel: kernel('VRF', 'no VRFs; a node has one set of interfaces and routes', 'CONFIG_NET_VRF', 'vrf'),
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
    kernel: kernel('bonding', 'no bonds', 'CONFIG_BONDING', 'bonding'),
  },
  wireguard: {
    ...ALONE,
    isEthernet: false,
    encapsulation: { family: 'both', ttl: null, headers: () => WIREGUARD },
    mtu: 'below',
    mac: 'none',
    carrier: 'always',
    identity: ({ port }) => (port === undefined ? null : inNode(`port ${port}`, 'port')),
    kernel: kernel('WireGuard', 'no WireGuard tunnels', 'CONFIG_WIREGUARD', 'wireguard'),
  },
  gre: {
    ...IP_TUNNEL,
    encapsulation: { family: 4, ttl: INHERITED_TTL, headers: gre },
    identity: greTunnel,
    kernel: kernel('GRE', 'no GRE tunnels over IPv4', 'CONFIG_NET_IPGRE', 'ip_gre'),
  },
  gretap: {
    ...ETHERNET_TUNNEL,
    encapsulation: { family: 4, ttl: INHERITED_TTL, headers: (settings) => gre(settings) + ETHERNET },
    identity: greTunnel,
    kernel: kernel('GRE for Ethernet', 'no Ethernet over GRE over IPv4', 'CONFIG_NET_IPGRE', 'ip_gre'),
  },
  ip6gre: {
    ...IP_TUNNEL,
    encapsulation: { family: 6, ttl: TTL, headers: (settings) => ENCAP_LIMIT + gre(settings) },
    identity: greTunnel,
    kernel: kernel('GRE over IPv6', 'no GRE tunnels over IPv6', 'CONFIG_IPV6_GRE', 'ip6_gre'),
  },
  ip6gretap: {
    ...ETHERNET_TUNNEL,
    encapsulation: { family: 6, ttl: TTL, headers: (settings) => ENCAP_LIMIT + gre(settings) + ETHERNET },
    identity: greTunnel,
    kernel: kernel('GRE for Ethernet over IPv6', 'no Ethernet over GRE over IPv6', 'CONFIG_IPV6_GRE', 'ip6_gre'),
  },
  ipip: {
    ...IP_TUNNEL,
    encapsulation: { family: 4, ttl: INHERITED_TTL, headers: () => 0 },
    identity: ipTunnel,
    kernel: kernel('IP in IP', 'no IPv4-in-IPv4 tunnels', 'CONFIG_NET_IPIP', 'ipip'),
  },
  sit: {
    ...IP_TUNNEL,
    encapsulation: { family: 4, ttl: INHERITED_TTL, headers: () => 0 },
    identity: ipTunnel,
    kernel: kernel('SIT', 'no IPv6-in-IPv4 tunnels', 'CONFIG_IPV6_SIT', 'sit'),
  },
  ip6tnl: {
    ...IP_TUNNEL,
    encapsulation: { family: 6, ttl: TTL, headers: () => ENCAP_LIMIT },
    identity: ipTunnel,
    kernel: kernel('IPv6 tunnels', 'no tunnels over IPv6', 'CONFIG_IPV6_TUNNEL', 'ip6_tunnel'),
  },
  geneve: {
    ...ETHERNET_TUNNEL,
    references: {},
    encapsulation: { family: 'remote', ttl: TTL, headers: () => UDP_TUNNEL },
    identity: ({ id, remote, dstport }) => inNode(`Geneve ${id} to ${remote} at port ${dstport}`),
    kernel: kernel('Geneve', 'no Geneve overlays', 'CONFIG_GENEVE', 'geneve'),
  },
  ifb: {
    ...ALONE,
    isEthernet: true,
    mtu: DEFAULT_MTU,
    mac: 'computed',
    carrier: 'always',
    identity: null,
    kernel: kernel('intermediate functional blocks', 'no shaping of what an interface receives', 'CONFIG_IFB', 'ifb'),
  },
  // tun and tap are made by opening /dev/net/tun; `nslab doctor` tries that by itself.
  tun: {
    ...ALONE,
    isEthernet: false,
    mtu: DEFAULT_MTU,
    mac: 'none',
    carrier: 'outside',
    identity: null,
    kernel: null,
  },
  tap: {
    ...ALONE,
    isEthernet: true,
    mtu: DEFAULT_MTU,
    mac: 'computed',
    carrier: 'outside',
    identity: null,
    kernel: null,
  },
  device: {
    ...ALONE,
    isEthernet: true,
    mtu: DEFAULT_MTU,
    mac: 'kernel',
    carrier: 'outside',
    identity: ({ device }) => ({ text: device, key: 'device', scope: 'machine' }),
    kernel: null,
  },
} as const satisfies { readonly [K in InterfaceKind]: InterfaceTraits<K> }

/** Kinds that have members. */
export type MasterKind = {
  [K in InterfaceKind]: (typeof TRAITS)[K]['members'] extends null ? never : K
}[InterfaceKind]

/** Kinds that the kernel may have been built without. */
export type KernelLinkKind = {
  [K in InterfaceKind]: (typeof TRAITS)[K]['kernel'] extends null ? never : K
}[InterfaceKind]

/** A setting that names another interface of the node. */
export interface Reference {
  key: ReferenceKey
  /** Name of the interface. */
  name: string
  to: ReferenceTo
}

/** The interfaces that one names in its settings. They must be there when it is made. */
export function referencesOf(
  settings: { kind: InterfaceKind } & { [Key in ReferenceKey]?: string | undefined },
): Reference[] {
  return (Object.entries(TRAITS[settings.kind].references) as [ReferenceKey, ReferenceTo][]).flatMap(([key, to]) => {
    const name = settings[key]
    return name === undefined ? [] : [{ key, name, to }]
  })
}

/** The identity of an interface with these settings; null if others can have the same. */
export const identityOf = (settings: DeviceSettings): Identity | null =>
  (TRAITS[settings.kind].identity as ((own: DeviceSettings) => Identity | null) | null)?.(settings) ?? null
