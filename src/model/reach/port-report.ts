// What a port of an address answers to a node: the result of a probe by TCP or UDP. Pure data, JSON-safe.

export type PortProtocol = 'tcp' | 'udp'

/**
 * `open`: accepted, or answered. `refused`: TCP reset, or ICMP port unreachable. `unreachable`: another ICMP error, or no route.
 * `silent`: nothing came back in time; for UDP that is also what a service does that has nothing to say.
 */
export type PortState = 'open' | 'refused' | 'unreachable' | 'silent'

/** The JSON document of `ping --tcp` and `ping --udp`. */
export interface PortReport {
  from: string
  to: string
  address: string
  protocol: PortProtocol
  port: number
  state: PortState
  /** From the request to the answer, whatever it was; null if nothing came back. */
  rttMs: number | null
  /** The kernel's words for the error; null when open or silent. */
  error: string | null
  /** The node or address that sent an ICMP error; null without one. */
  reportedBy: string | null
}
