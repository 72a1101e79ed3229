// The way of packets through a lab, as routers on it answer. Pure data, JSON-safe.
import type { Family } from '../family.js'

/** The JSON document of `traceroute`. */
export interface Trace {
  from: string
  to: string
  address: string
  family: Family
  /** Whether the destination answered on any flow. */
  reached: boolean
  /** Why the sending node could not send on some flow, in the kernel's words; null if it could. */
  error: string | null
  /** One entry a distance, the nearest first; the last is the destination if it was reached. */
  hops: TraceHop[]
}

/** What answered at one distance. Several answers mean that flows take different ways. */
export interface TraceHop {
  /** TTL or hop limit of the requests, from 1. */
  distance: number
  /** Empty when nothing answered. */
  answers: TraceAnswer[]
}

export interface TraceAnswer {
  address: string
  /** The node and its interface with that address, as the kernel has it; null for an address of no node. */
  node: string | null
  interface: string | null
  /** Numbers of the flows that this answered, from 0. */
  flows: number[]
  /** The least. */
  rttMs: number
  /** The ICMP error other than `time exceeded`; null without one. */
  error: string | null
}
