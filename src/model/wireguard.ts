// A WireGuard interface and its peers (wg(8)). Pure data, JSON-safe. Keys are base64.

/** Where a peer is reached. */
export interface Endpoint {
  address: string
  /** UDP port. */
  port: number
}

export interface WireguardSettings {
  kind: 'wireguard'
  /** Private. */
  key: string
  publicKey: string
  /** UDP port; absent: the kernel's choice. */
  port?: number
  fwmark?: number
  peers: WireguardPeer[]
}

export interface WireguardPeer {
  /** As it is written. */
  name: string
  /** null for one outside the lab. */
  interface: { node: string; interface: string } | null
  /** Public. */
  key: string
  /** null: where it last sent from. */
  endpoint: Endpoint | null
  /** `PREFIX/LENGTH` */
  allowed: string[]
  /** Absent: never. */
  keepaliveSeconds?: number
}
