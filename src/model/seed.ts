// Seeds for the random numbers of a link. Each direction, and each station with an impairment of its own, draws its own numbers:
// with equal seeds, the answer to a frame would be lost exactly when the frame is. Pure.

const MASK = (1n << 64n) - 1n

/**
 * The seed of one stream of random numbers.
 *
 * @param seed of the link, a decimal number of 64 bits
 * @param stream 0 for the seed itself, then other numbers for other streams
 */
export function streamSeed(seed: string, stream: number): bigint {
  const start = BigInt(seed) & MASK
  return stream === 0 ? start : splitMix64((start + BigInt(stream) * 0x9e37_79b9_7f4a_7c15n) & MASK)
}

/** One number of SplitMix64 (Steele, Lea, Flood 2014). */
function splitMix64(state: bigint): bigint {
  const first = ((state ^ (state >> 30n)) * 0xbf58_476d_1ce4_e5b9n) & MASK
  const second = ((first ^ (first >> 27n)) * 0x94d0_49bb_1331_11ebn) & MASK
  return second ^ (second >> 31n)
}
