// What a link does to the frames that it carries one way: delay, loss, rate and their like. Pure data, JSON-safe.

/** Frames are impaired by the kernel's queueing disciplines, or by nslab's own wire. */
export type Backend = 'netem' | 'wire'

/** What a running link has. `tbf`: only a rate, which needs no netem. */
export type LinkBackend = 'tbf' | Backend

/** The emulation of a link of a running lab. */
export interface EmulatedLink {
  backend: LinkBackend
  emulation: LinkEmulation
}

/** How a link impairs frames. */
export interface LinkEmulation {
  /** `auto`: netem where the kernel has it and does what is written, else the wire. */
  backend: 'auto' | Backend
  /** For the frames that the first end sends, and for those that the second end sends. */
  directions: [Direction, Direction]
}

export interface Direction {
  /** null: frames are carried as they are. */
  impairment: Impairment | null
  /**
   * Only for frames that the switch of a LAN sends to a station: frames from these other stations are impaired in another way.
   * Absent: none.
   */
  sources?: SourceImpairment[]
}

/** For frames with one source MAC address. */
export interface SourceImpairment {
  /** `NODE:INTERFACE` of the station that sends. */
  station: string
  mac: string
  /** Whole, with what it has from the link. null: frames are carried as they are. */
  impairment: Impairment | null
  /** Its rate is that of the link, which it shares with the other frames of the direction; false: a rate of its own, or none. */
  sharesRate: boolean
}

/**
 * In the order in which a frame meets it: loss, duplication, corruption, then delay with jitter or reordering, then the queue
 * and the rate.
 */
export interface Impairment {
  /** Absent: 0. */
  delayNs?: number
  jitter?: Jitter
  loss?: Loss
  duplicate?: Chance
  reorder?: Reorder
  corrupt?: Chance
  rate?: Rate
  /** Instead of a rate: the times at which frames can leave. */
  trace?: Trace
  /** The queue in front of the rate or the trace; there exactly when one of them is. */
  queue?: Queue
  /** A decimal number of 64 bits, from which random numbers are made. Absent: others in each lab. */
  seed?: string
}

export interface Chance {
  /** 0 to 1. */
  probability: number
  /** With the decision for the frame before, 0 to 1. */
  correlation: number
}

export interface Reorder extends Chance {
  /** Every gap-th frame is a candidate for being sent at once, the others wait for their delay. */
  gap: number
}

export interface Jitter {
  amountNs: number
  distribution: Distribution
  /** 0 to 1. */
  correlation: number
  /** Frames may overtake each other. */
  reorder: boolean
}

/** A name, or the inverse of a cumulative distribution at equal steps, in 8,192nds of the jitter: -32,768 to 32,767. */
export type Distribution = 'uniform' | 'normal' | 'pareto' | 'paretonormal' | { table: number[] }

/** Probabilities from 0 to 1, named as in tc-netem(8). */
export type Loss =
  | ({ model: 'random' } & Chance)
  /** p: good to bad, r: bad to good; in the bad state a frame is lost with `lossInBad` (1 - h), in the good one with `lossInGood` (1 - k). */
  | { model: 'gilbert-elliott'; p: number; r: number; lossInBad: number; lossInGood: number }
  /** Four states: 1 good, 2 good within a burst, 3 burst loss, 4 isolated loss. */
  | { model: 'state'; p13: number; p31: number; p32: number; p23: number; p14: number }

export interface Rate {
  bitsPerSecond: number
  /** Bytes that may leave at once after a pause. */
  burstBytes: number
  /** Bytes added to the length of each frame, as of a link layer below; may be negative. */
  overheadBytes: number
}

export type Queue =
  | { kind: 'fifo'; packets: number }
  | { kind: 'fifo'; bytes: number }
  | { kind: 'codel'; packets: number; targetNs: number; intervalNs: number; ecn: boolean }
  | {
      kind: 'fq_codel'
      packets: number
      flows: number
      quantumBytes: number
      targetNs: number
      intervalNs: number
      ecn: boolean
    }
  | { kind: 'red'; bytes: number; minBytes: number; maxBytes: number; probability: number; ecn: boolean }

/** mahimahi's traces: the file is repeated without end. */
export interface Trace {
  /** As it is written in the topology, for people. */
  file: string
  /** Milliseconds from the start, ascending, one for each chance to send 1,504 bytes. The last one is the period. */
  opportunitiesMs: number[]
}
