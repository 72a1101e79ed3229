// What came of the probes of one path.

/** A frame that arrived. */
export interface Arrival {
  sequence: number
  /** A byte is not what was sent. */
  isChanged: boolean
  delayNs: number
}

export interface Observation {
  /** Bytes of each frame. */
  length: number
  /** Frames that were sent, those that were refused included. */
  sent: number
  /** Sequence numbers of frames that were not sent, since the socket's buffer had no room. */
  refused: number[]
  /** In the order of arrival. */
  arrivals: Arrival[]
}

/** What came of a flood: the frames of each part of the time, and when the last of them arrived, in ns from the first send. */
export interface FloodObservation {
  length: number
  sent: number
  bins: [frames: number, lastNs: number][]
}

/** Delays of the frames that arrived exactly once: of two copies, the first would be early. */
export function soleDelays({ arrivals }: Observation): number[] {
  const copies = copiesOf(arrivals)
  return arrivals.filter(({ sequence }) => copies.get(sequence) === 1).map(({ delayNs }) => delayNs)
}

/** How many copies of each frame arrived. */
export function copiesOf(arrivals: readonly Arrival[]): Map<number, number> {
  const copies = new Map<number, number>()
  for (const { sequence } of arrivals) copies.set(sequence, (copies.get(sequence) ?? 0) + 1)
  return copies
}

/** Sequence numbers of frames that were sent and did not arrive. */
export function lostOf({ sent, refused, arrivals }: Observation): number[] {
  const there = new Set([...refused, ...arrivals.map(({ sequence }) => sequence)])
  return Array.from({ length: sent }, (_, sequence) => sequence).filter((sequence) => !there.has(sequence))
}

/** Frames that arrived after one that was sent later (Type-P-Reordered, RFC 4737, 3.3); of copies, the first counts. */
export function reorderedOf(arrivals: readonly Arrival[]): number {
  const seen = new Set<number>()
  let next = 0
  let reordered = 0
  for (const { sequence } of arrivals) {
    if (seen.has(sequence)) continue
    seen.add(sequence)
    if (sequence < next) reordered++
    else next = sequence + 1
  }
  return reordered
}

/** Share of the time of a flood until which tokens and an empty queue let more frames through. */
const BEGINNING = 0.2
const PARTS = 10

/**
 * Rates in some parts of a flood's time, in bit/s, of frames with `overhead` more bytes.
 *
 * @param durationNs how long frames were sent
 */
export function ratesOf({ bins, length }: FloodObservation, durationNs: number, overhead: number): number[] {
  const steady = bins.filter(([, lastNs]) => lastNs >= durationNs * BEGINNING && lastNs <= durationNs)
  const size = Math.max(1, Math.floor((steady.length - 1) / PARTS))
  const rates: number[] = []
  for (let at = size; at < steady.length; at += size) {
    const part = steady.slice(at - size, at + 1)
    const frames = part.slice(1).reduce((sum, [count]) => sum + count, 0)
    const tookNs = (part.at(-1)?.[1] ?? 0) - (part[0]?.[1] ?? 0)
    if (tookNs > 0) rates.push((frames * (length + overhead) * 8e9) / tookNs)
  }
  return rates
}
