// Seeds of single directions, made from a written one, so that links with the same seed do not lose the same frames.

const MASK = (1n << 64n) - 1n

/**
 * A decimal number of 64 bits. It depends on the names of the ends alone, so that other links can be added to a topology without
 * a change.
 *
 * @param name of the direction, such as `a:eth0 → b:eth0`
 */
export function derivedSeed(written: string, name: string): string {
  // FNV-1a of 64 bits, then the last step of SplitMix64, which spreads each bit over all.
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(`${BigInt(written)} ${name}`))
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & MASK
  hash = ((hash ^ (hash >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK
  hash = ((hash ^ (hash >> 27n)) * 0x94d049bb133111ebn) & MASK
  return String(hash ^ (hash >> 31n))
}
