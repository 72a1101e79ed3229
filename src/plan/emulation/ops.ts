// The operations of a plan that emulate links with the kernel's queueing disciplines. Data alone, JSON-safe.
import type { Chance, Jitter, LinkEmulation, Loss, Queue, Reorder } from '../../model/impairment.js'

/** The settings of a queueing discipline, in the units of the model. */
export type QdiscSettings =
  | NetemQdisc
  | { kind: 'tbf'; bitsPerSecond: number; overheadBytes: number; burstBytes: number; limitBytes: number }
  | { kind: 'htb'; defaultClass: number }
  | { kind: 'pfifo'; packets: number }
  | { kind: 'bfifo'; bytes: number }
  | Extract<Queue, { kind: 'codel' | 'fq_codel' }>
  /** `bitsPerSecond`: at which the queue empties. */
  | (Extract<Queue, { kind: 'red' }> & { bitsPerSecond: number })

export interface NetemQdisc {
  kind: 'netem'
  /** Frames that are on their way, which wait for their time. */
  packets: number
  delayNs: number
  jitter: Jitter | null
  loss: Loss | null
  duplicate: Chance | null
  corrupt: Chance | null
  reorder: Reorder | null
  /** A decimal number of 64 bits. */
  seed: string | null
}

/** A discipline (`1:`), or one of its classes (`1:2`). */
export interface TcNumber {
  major: number
  minor: number
}

/** Gives an interface a queueing discipline, or a class of one another below it. */
export interface QdiscAdd {
  op: 'qdisc.add'
  node: string
  interface: string
  index: number
  /** Number of the discipline: `1` for `1:`. */
  major: number
  parent: 'root' | TcNumber
  qdisc: QdiscSettings
}

/** Makes a class of htb. */
export interface ClassAdd {
  op: 'class.add'
  node: string
  interface: string
  index: number
  id: TcNumber
  /** The discipline (minor 0), or the class that it shares the rate of. */
  parent: TcNumber
  /** What it has in any case, and what it may have when the others leave it. */
  bitsPerSecond: number
  ceilBitsPerSecond: number
  overheadBytes: number
  burstBytes: number
  /** Bytes that it sends in its turn. */
  quantumBytes: number
}

/** Puts frames with a source MAC address into a class. */
export interface FilterAdd {
  op: 'filter.add'
  node: string
  interface: string
  index: number
  parent: TcNumber
  /** Filters are asked in ascending order; each has a number of its own. */
  priority: number
  mac: string
  /** `NODE:INTERFACE` that has the address. */
  station: string
  id: TcNumber
}

export type EmulationOp = QdiscAdd | ClassAdd | FilterAdd

/** Tells the lab's wire to carry a link. */
export interface WireLinkSet {
  op: 'wire.link'
  /** The wire (WIRE_NODE). */
  node: string
  /** Number of the link in the lab. */
  link: number
  /** `NODE:INTERFACE`, the first and the second. */
  ends: [string, string]
  /** ifindexes of the wire's own ends. */
  indexes: [number, number]
  emulation: LinkEmulation
}
