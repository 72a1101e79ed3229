// Tunnels: IP or Ethernet in IP.
import { type Identity, type InterfaceTraits, inNode, kernelSupport } from './traits.js'

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

/** Header sizes in bytes. */
/** Header sizes in bytes. */
const ETHERNET = 14
/** RFC 2784; the key is four bytes more (RFC 2890). */
const GRE = 4
const GRE_KEY = 4
/** UDP, and VXLAN (RFC 7348) or Geneve without options (RFC 8926): both are as long. */
const UDP_TUNNEL = 8 + 8 + ETHERNET
/** The destination option that limits tunnels within tunnels (RFC 2473 section 4.1.1), which Linux sends by default. */
const ENCAP_LIMIT = 8

/** Linux's default for packets of its own (RFC 1700), and iproute2's for tunnels over IPv6. */
const TTL = 64
/** iproute2's default for GRE and IP in IP over IPv4. */
const INHERITED_TTL = 0

const gre = ({ key }: { key?: unknown }): number => GRE + (key === undefined ? 0 : GRE_KEY)

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

// The kernel refuses a second tunnel of the same identity with EEXIST.

const greTunnel = (settings: GreSettings): Identity =>
  inNode(
    `the ${settings.kind} tunnel ${between(settings)}${settings.key === undefined ? '' : ` with key ${settings.key}`}`,
  )

const ipTunnel = (settings: IpTunnelSettings | Ip6TunnelSettings): Identity =>
  inNode(`the ${settings.kind} tunnel ${between(settings)}`)

/** The kernel compares the links of two VXLANs only where an address is valid on one link alone. */
function vxlan({ id, remote, local = '', dev, dstport }: VxlanSettings): Identity {
  const addresses = [...remote, local]
  const family = addresses.some((address) => address.includes(':')) ? 'IPv6' : 'IPv4'
  const link = addresses.some(isLinkLocal) ? ` by ${dev}` : ''
  return inNode(`VXLAN ${id} over ${family} at port ${dstport}${link}`)
}

interface Ends {
  remote: string
  local?: string | undefined
  dev?: string | undefined
}

const between = ({ remote, local, dev }: Ends): string =>
  `${local === undefined ? '' : `from ${local} `}to ${remote}${dev === undefined ? '' : ` by ${dev}`}`

/** Unicast or multicast of link-local scope (RFC 4291 section 2.7). */
const isLinkLocal = (address: string): boolean => /^f(?:e[89ab][0-9a-f]|f[0-9a-f]2):/.test(address)

export const TUNNEL_TRAITS = {
  vxlan: {
    ...ETHERNET_TUNNEL,
    encapsulation: { family: 'remote', ttl: TTL, headers: () => UDP_TUNNEL },
    identity: vxlan,
    kernel: kernelSupport('VXLAN', 'no VXLAN overlays', 'CONFIG_VXLAN', 'vxlan'),
  },
  gre: {
    ...IP_TUNNEL,
    encapsulation: { family: 4, ttl: INHERITED_TTL, headers: gre },
    identity: greTunnel,
    kernel: kernelSupport('GRE', 'no GRE tunnels over IPv4', 'CONFIG_NET_IPGRE', 'ip_gre'),
  },
  gretap: {
    ...ETHERNET_TUNNEL,
    encapsulation: { family: 4, ttl: INHERITED_TTL, headers: (settings) => gre(settings) + ETHERNET },
    identity: greTunnel,
    kernel: kernelSupport('GRE for Ethernet', 'no Ethernet over GRE over IPv4', 'CONFIG_NET_IPGRE', 'ip_gre'),
  },
  ip6gre: {
    ...IP_TUNNEL,
    encapsulation: { family: 6, ttl: TTL, headers: (settings) => ENCAP_LIMIT + gre(settings) },
    identity: greTunnel,
    kernel: kernelSupport('GRE over IPv6', 'no GRE tunnels over IPv6', 'CONFIG_IPV6_GRE', 'ip6_gre'),
  },
  ip6gretap: {
    ...ETHERNET_TUNNEL,
    encapsulation: { family: 6, ttl: TTL, headers: (settings) => ENCAP_LIMIT + gre(settings) + ETHERNET },
    identity: greTunnel,
    kernel: kernelSupport('GRE for Ethernet over IPv6', 'no Ethernet over GRE over IPv6', 'CONFIG_IPV6_GRE', 'ip6_gre'),
  },
  ipip: {
    ...IP_TUNNEL,
    encapsulation: { family: 4, ttl: INHERITED_TTL, headers: () => 0 },
    identity: ipTunnel,
    kernel: kernelSupport('IP in IP', 'no IPv4-in-IPv4 tunnels', 'CONFIG_NET_IPIP', 'ipip'),
  },
  sit: {
    ...IP_TUNNEL,
    encapsulation: { family: 4, ttl: INHERITED_TTL, headers: () => 0 },
    identity: ipTunnel,
    kernel: kernelSupport('SIT', 'no IPv6-in-IPv4 tunnels', 'CONFIG_IPV6_SIT', 'sit'),
  },
  ip6tnl: {
    ...IP_TUNNEL,
    encapsulation: { family: 6, ttl: TTL, headers: () => ENCAP_LIMIT },
    identity: ipTunnel,
    kernel: kernelSupport('IPv6 tunnels', 'no tunnels over IPv6', 'CONFIG_IPV6_TUNNEL', 'ip6_tunnel'),
  },
  geneve: {
    ...ETHERNET_TUNNEL,
    references: {},
    encapsulation: { family: 'remote', ttl: TTL, headers: () => UDP_TUNNEL },
    identity: ({ id, remote, dstport }) => inNode(`Geneve ${id} to ${remote} at port ${dstport}`),
    kernel: kernelSupport('Geneve', 'no Geneve overlays', 'CONFIG_GENEVE', 'geneve'),
  },
} as const satisfies {
  vxlan: InterfaceTraits<VxlanSettings>
  gre: InterfaceTraits<GreSettings>
  gretap: InterfaceTraits<GreSettings>
  ip6gre: InterfaceTraits<GreSettings>
  ip6gretap: InterfaceTraits<GreSettings>
  ipip: InterfaceTraits<IpTunnelSettings>
  sit: InterfaceTraits<IpTunnelSettings>
  ip6tnl: InterfaceTraits<Ip6TunnelSettings>
  geneve: InterfaceTraits<GeneveSettings>
}

export type TunnelKindSettings = GreSettings | IpTunnelSettings | Ip6TunnelSettings | VxlanSettings | GeneveSettings
