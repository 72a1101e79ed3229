// Sets of a node's ways, as numbers: what routes are labelled with. Up to 31 ways a set is its own bit mask.

export interface WaySets {
  /** Of one way. */
  one(way: number): number
  /** Of both, or as many of them as a route has. */
  union(a: number, b: number): number
  /** In rising order. */
  waysOf(set: number): number[]
}

const MASK_BITS = 31
/** Next hops of a route; of more, those whose ways come first. A netlink message has no room for a few thousand. */
const MOST = 256

export const waySets = (ways: number): WaySets => (ways <= MASK_BITS ? new MaskedSets() : new NumberedSets())

class MaskedSets implements WaySets {
  one(way: number): number {
    return 1 << way
  }

  union(a: number, b: number): number {
    return a | b
  }

  waysOf(set: number): number[] {
    return Array.from({ length: MASK_BITS }, (_, way) => way).filter((way) => (set >>> way) & 1)
  }
}

/** The number of a single way is its own; the others are numbered as they come up. */
class NumberedSets implements WaySets {
  private readonly sets: number[][] = []
  private readonly numbers = new Map<string, number>()
  private readonly unions = new Map<number, number>()

  one(way: number): number {
    return this.numberOf([way])
  }

  union(a: number, b: number): number {
    if (a === b) return a
    const [first, second] = [this.waysOf(a), this.waysOf(b)]
    // Common where thousands of links are parallel, and much faster than to merge the two.
    if (first.length === MOST && (second[0] as number) > (first.at(-1) as number)) return a
    // Fewer than 2²⁶ sets, so that the key is exact.
    const key = Math.min(a, b) * 2 ** 26 + Math.max(a, b)
    const known = this.unions.get(key)
    if (known !== undefined) return known
    const both = new Set([...first, ...second])
    const number = this.numberOf([...both].sort((x, y) => x - y).slice(0, MOST))
    this.unions.set(key, number)
    return number
  }

  waysOf(set: number): number[] {
    return this.sets[set] as number[]
  }

  private numberOf(ways: number[]): number {
    const key = ways.join()
    const known = this.numbers.get(key)
    if (known !== undefined) return known
    this.numbers.set(key, this.sets.length)
    return this.sets.push(ways) - 1
  }
}
