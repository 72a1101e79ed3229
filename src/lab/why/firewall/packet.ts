// The packet that rules are asked about.
import type { Family } from '../../../model/family.js'

export type TransportProtocol = 'icmp' | 'tcp' | 'udp'

export interface Packet {
  family: Family
  from: string
  to: string
  protocol: TransportProtocol
  /** null unless the protocol is ICMP. */
  icmp: 'echo-request' | 'echo-reply' | 'too-big' | 'solicit' | 'advert' | null
  /** null for ICMP, and for a port that the kernel chooses. */
  sport: number | null
  dport: number | null
  /** Of TCP: those that are set. */
  flags: readonly string[]
  /** As connection tracking sees it. */
  state: 'new' | 'established' | 'related' | 'invalid' | 'untracked'
  mark: number
  /** The interface by which it arrives; null for a packet of the node's own. */
  iif: string | null
  /** The interface by which it leaves; null where it ends, and before the route look-up. */
  oif: string | null
}
