// Results of pings. Pure data, JSON-safe.

/** The result of pings from one node to one address: the JSON document of `ping`. */
export interface PingResult {
  from: string
  to: string
  address: string
  /** Which nodes have answered, where several have the address (anycast); else empty. */
  answeredBy: string[]
  sent: number
  received: number
  /** 0 to 100, one decimal. */
  lossPercent: number
  /** null if there was no reply. */
  rttMs: { min: number; avg: number; max: number; mdev: number } | null
}

/** One reply, or the error in place of it. */
export interface PingReply {
  from: string
  to: string
  address: string
  /** Counts from 0. */
  sequence: number
  rttMs: number | null
  ttl: number | null
  /** The node that answered, where several have the address; else null. */
  answeredBy: string | null
  error: string | null
  /** The router that sent the error; null for an error of the sending node. */
  reportedBy: string | null
  /** Type and code of the ICMP or ICMPv6 message (RFC 792, RFC 4443); null where no node has sent one. */
  icmp: { type: number; code: number } | null
}

/** One sender and one receiver of a mesh. */
export interface PingPair {
  from: string
  to: string
  /** null when the receiver has none of a family that the sender has, so that it was not pinged. */
  address: string | null
  /** 0 when the pair was not pinged; `error` then says why, and is null when the two have no family in common. */
  sent: number
  received: number
  /** The least round-trip time of the pair; null without a reply. */
  rttMs: number | null
  /** Why a request got no reply: the error of the kernel, or of the node that refused it; null if there was no error. */
  error: string | null
}

/** A full mesh of pings: the JSON document of `ping --all`. */
export interface PingMesh {
  pairs: PingPair[]
  sent: number
  received: number
  elapsedMs: number
}
