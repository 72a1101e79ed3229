// A WireGuard interface and its peers (wg(8)). Keys are in base64. Pure data, JSON-safe.
import { ALONE, type InterfaceTraits, inNode, kernelSupport } from './traits.js'

/** Address and port at which a peer is reached. */
export interface Endpoint {
  address: string
  /** UDP port. */
  port: number
}

export interface WireguardSettings {
  kind: 'wireguard'
  /** Private key. */
  key: string
  publicKey: string
  /** UDP port. Absent: the kernel chooses one. */
  port?: number
  fwmark?: number
  peers: WireguardPeer[]
}

export interface WireguardPeer {
  /** The name in the topology. */
  name: string
  /** null for a peer outside the lab. */
  interface: { node: string; interface: string } | null
  /** Public key. */
  key: string
  /** null: unknown until the peer sends something. */
  endpoint: Endpoint | null
  /** Prefixes that it may send from and gets packets for, `PREFIX/LENGTH`. */
  allowed: string[]
  /** Absent: no keepalives. */
  keepaliveSeconds?: number
}

/** UDP, the header of a data message, and the tag after it. */
const WIREGUARD = 8 + 16 + 16

export const WIREGUARD_TRAITS = {
  wireguard: {
    ...ALONE,
    isEthernet: false,
    encapsulation: { family: 'both', ttl: null, headers: () => WIREGUARD },
    mtu: 'below',
    mac: 'none',
    carrier: 'always',
    identity: ({ port }) => (port === undefined ? null : inNode(`port ${port}`, 'port')),
    kernel: kernelSupport('WireGuard', 'no WireGuard tunnels', 'CONFIG_WIREGUARD', 'wireguard'),
  },
} as const satisfies { wireguard: InterfaceTraits<WireguardSettings> }
