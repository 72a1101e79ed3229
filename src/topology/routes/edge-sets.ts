// Sets of edges that leave one node, as numbers, which label routes. With up to 31 edges, the number is a bit mask.

export interface EdgeSets {
  /** The set of one edge. */
  one(edge: number): number
  /** The union of two sets, but at most the edges with the lowest numbers that a route can have. */
  union(a: number, b: number): number
  /** The edges of a set in rising order. */
  edgesOf(set: number): number[]
}

const MASK_BITS = 31
/** The most next hops of a route. A netlink message has no room for a few thousand. */
const MAX_NEXT_HOPS = 256

export const edgeSets = (edges: number): EdgeSets => (edges <= MASK_BITS ? new MaskedSets() : new NumberedSets())

class MaskedSets implements EdgeSets {
  one(edge: number): number {
    return 1 << edge
  }

  union(a: number, b: number): number {
    return a | b
  }

  edgesOf(set: number): number[] {
    return Array.from({ length: MASK_BITS }, (_, edge) => edge).filter((edge) => (set >>> edge) & 1)
  }
}

/** Numbers each set when it is first made. */
class NumberedSets implements EdgeSets {
  private readonly sets: number[][] = []
  private readonly numbers = new Map<string, number>()
  private readonly unions = new Map<number, number>()

  one(edge: number): number {
    return this.numberOf([edge])
  }

  union(a: number, b: number): number {
    if (a === b) return a
    const [first, second] = [this.edgesOf(a), this.edgesOf(b)]
    // Common where thousands of links are parallel, and much faster than to merge the two.
    if (first.length === MAX_NEXT_HOPS && (second[0] as number) > (first.at(-1) as number)) return a
    // Fewer than 2²⁶ sets, so that the key is exact.
    const key = Math.min(a, b) * 2 ** 26 + Math.max(a, b)
    const known = this.unions.get(key)
    if (known !== undefined) return known
    const both = new Set([...first, ...second])
    const number = this.numberOf([...both].sort((x, y) => x - y).slice(0, MAX_NEXT_HOPS))
    this.unions.set(key, number)
    return number
  }

  edgesOf(set: number): number[] {
    return this.sets[set] as number[]
  }

  private numberOf(edges: number[]): number {
    const key = edges.join()
    const known = this.numbers.get(key)
    if (known !== undefined) return known
    this.numbers.set(key, this.sets.length)
    return this.sets.push(edges) - 1
  }
}
