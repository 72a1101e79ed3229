// Where computed prefixes come from. Each kind of segment has a pool of its own, so that a LAN added at the end moves
// nobody's link. What the user wrote is passed over.
import { makePrefix, overlaps, type Prefix, parsePrefix, sizeOf } from './prefix.js'
import type { Family } from './resolved.js'

export type PoolKind = 'link' | 'lan' | 'loopback'

const POOLS: Record<PoolKind, Record<Family, string>> = {
  link: { 4: '10.0.0.0/9', 6: 'fd00::/64' },
  lan: { 4: '10.128.0.0/10', 6: 'fd00:1::/32' },
  loopback: { 4: '10.255.0.0/16', 6: 'fd00:ffff::/64' },
}

/** Hands out prefixes in order. */
export class Pools {
  private readonly next = new Map<string, bigint>()

  /** @param written prefixes that no computed one may overlap */
  constructor(private readonly written: readonly Prefix[]) {}

  /** The next free prefix of a length, or null when the pool is used up. */
  take(kind: PoolKind, family: Family, length: number): Prefix | null {
    const pool = parsePrefix(POOLS[kind][family]) as Prefix
    const key = `${kind}/${family}`
    const size = sizeOf({ ...pool, length })
    // The first address of a pool of single addresses is the pool's own; a person expects .1 first.
    let at = this.next.get(key) ?? (kind === 'loopback' ? pool.network + 1n : pool.network)
    at = ((at + size - 1n) / size) * size
    for (; at + size <= pool.network + sizeOf(pool); at += size) {
      const prefix = makePrefix(family, at, length)
      const hit = this.written.find((other) => overlaps(prefix, other))
      if (!hit) {
        this.next.set(key, at + size)
        return prefix
      }
      // Past a large written prefix in one step.
      const end = hit.network + sizeOf(hit)
      if (end > at + size) at = ((end + size - 1n) / size) * size - size
    }
    return null
  }

  /** The pool's text, for messages. */
  static textOf(kind: PoolKind, family: Family): string {
    return POOLS[kind][family]
  }
}
