// Why a packet arrives or does not: each hop of its way and of the answer's way back. Pure data, JSON-safe.
import type { Family } from '../family.js'

/** The JSON document of `why`. */
export interface Explanation {
  from: string
  to: string
  /** null when the name stands for no address. */
  address: string | null
  family: Family | null
  /** null for ICMP. */
  port: { protocol: 'tcp' | 'udp'; port: number } | null
  /** Bytes of data of the echo requests, which nobody may fragment; null where none were asked for. */
  size: number | null
  works: boolean
  /** One sentence: what fails, where and why; or that it works, and over which nodes. */
  sentence: string
  /** null if it works. */
  cause: ExplainedCause | null
  /** The request's way; ends where the packet does. */
  forward: ExplainedHop[]
  /** The answer's way back; empty if the request does not arrive. */
  back: ExplainedHop[]
}

export interface ExplainedCause {
  /** A stable word for programs: `no-route`, `no-return-route`, `interface-down`, … */
  code: string
  node: string
  interface: string | null
  /** The kernel's own words or values: the route, rule, sysctl, or state. */
  evidence: string
  /** The command, in words of a shell, that would mend it in the node; null if none is known, or if it is none of a node. */
  remedy: string | null
  /** The whole command line that would mend it: `nslab exec LAB/r1 -- …`, `nslab node restart LAB/r1`. null if none is known. */
  command: string | null
}

/** One node on a way. */
export interface ExplainedHop {
  node: string
  /** null where the packet begins. */
  arrivesBy: string | null
  /** null where the packet ends. */
  leavesBy: string | null
  /** The next hop's address; null on the last link and where the packet ends. */
  gateway: string | null
  /** What the kernel of the node was asked, and what it answered, in the order of the packet's way through it. */
  findings: Finding[]
}

export interface Finding {
  /** `route`, `rule`, `neighbour`, `interface`, `mtu`, `sysctl`, `firewall`, … */
  about: string
  ok: boolean
  text: string
}
