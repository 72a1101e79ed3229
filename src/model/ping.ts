// Results of pings. Pure data, JSON-safe.

/** What came of pinging one address from one node; the JSON document of `ping`. */
export interface PingResult {
  from: string
  to: string
  address: string
  sent: number
  received: number
  /** 0 to 100, one decimal. */
  lossPercent: number
  /** null when nothing came back. */
  rttMs: { min: number; avg: number; max: number; mdev: number } | null
}

/** One reply, or the error that came in its place. */
export interface PingReply {
  from: string
  to: string
  address: string
  /** Counts from 0. */
  sequence: number
  rttMs: number | null
  ttl: number | null
  error: string | null
  /** The router that sent the error; null when the sending node itself did. */
  reportedBy: string | null
}

/** One sender and one receiver of a mesh. */
export interface PingPair {
  from: string
  to: string
  address: string
  sent: number
  received: number
  rttMs: number | null
  /** Why a request got no reply, in the kernel's words, or those of the node that said so; null when nobody did. */
  error: string | null
}

/** A full mesh; the JSON document of `ping --all`. */
export interface PingMesh {
  pairs: PingPair[]
  sent: number
  received: number
  elapsedMs: number
}
