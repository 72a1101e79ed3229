// What IP tunnels have in common (linux/if_tunnel.h).
import type { NewLink } from './new-link.js'

export interface NewTunnel extends NewLink {
  /** Address that packets leave with; any without it. */
  local?: string | undefined
  /** Address that packets are sent to. */
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
