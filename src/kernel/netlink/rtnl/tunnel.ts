// Settings that GRE and IP in IP share (linux/if_tunnel.h).

export interface TunnelSettings {
  /** Source of the outer header; without it, the routing table chooses. */
  local?: string | undefined
  /** Destination of the outer header. */
  remote?: string | undefined
  /** ifindex of the device to send on. */
  dev?: number | undefined
  /** Time to live, or hop limit, of the outer header; 0 copies the inner header's. */
  ttl: number
}

/** IPV6_DEFAULT_TNL_ENCAP_LIMIT: how many tunnels a packet may enter inside this one (RFC 2473 section 4.1.1). */
export const ENCAP_LIMIT = 4
/**
 * IFLA_*_ENCAP_FLAGS of a tunnel without UDP encapsulation (TUNNEL_ENCAP_NONE). Over IPv6 iproute2 sets
 * TUNNEL_ENCAP_FLAG_CSUM6 nevertheless.
 */
export const ENCAP_NONE = { ipv4: 0, ipv6: 2 } as const
