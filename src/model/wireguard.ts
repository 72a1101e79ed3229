// A WireGuard interface and its peers (wg(8)). Keys are in base64. Pure data, JSON-safe.

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
