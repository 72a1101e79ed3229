// What IP tunnels have in common (linux/if_tunnel.h).
import type { NewLink } from './new-link.js'

export interface NewTunnel extends NewLink {
  /** Address that packets leave with; any without it. */
  local?: string | undefined
  /** Address that packets are sent to. */
  remote?: string | undefined
  /** ifindex of the device to send on. */
  dev?: number | undefined
  /** Time to live, or hop limit, of the outer header; the inner one's over IPv4, 64 over IPv6, by default. */
  ttl?: number | undefined
}

/** iproute2's default over IPv6 (DEFAULT_TNL_HOP_LIMIT); the kernel's own is 0. */
export const HOP_LIMIT = 64
/** IPV6_DEFAULT_TNL_ENCAP_LIMIT: tunnels within tunnels (RFC 2473 section 4.1.1). */
export const ENCAP_LIMIT = 4
/** Flags of an encapsulation that there is not: TUNNEL_ENCAP_FLAG_CSUM6 is iproute2's default over IPv6. */
export const ENCAP_NONE = { ipv4: 0, ipv6: 2 } as const
