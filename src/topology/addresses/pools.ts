// The pools that computed prefixes come from. A pool hands out one prefix after the other, and skips written ones.

import type { Family } from '../../model/family.js'
import type { TopologyFile } from '../schema/topology.js'
import type { Faults } from '../source/faults.js'
import { bitsOf, makePrefix, overlaps, type Prefix, parsePrefix, sizeOf } from '../values/prefix.js'

export type PoolKind = 'links' | 'lans' | 'loopbacks'

const KINDS: readonly PoolKind[] = ['links', 'lans', 'loopbacks']

/** Disjoint private networks, which are not routed on the Internet (RFC 1918, RFC 4193). */
const DEFAULTS: Record<Family, Record<PoolKind, string>> = {
  4: { links: '10.0.0.0/9', lans: '10.128.0.0/10', loopbacks: '10.255.0.0/16' },
  6: { links: 'fd00::/64', lans: 'fd00:1::/32', loopbacks: 'fd00:ffff::/64' },
}

/** One pool. The prefix that it hands out depends only on earlier requests. */
class Pool {
  /** The free addresses are those from `low` up to `high`, without `high`. */
  private low: bigint
  private high: bigint
  /** Written prefixes that overlap the pool. */
  private readonly written: Prefix[]
  /** The number of requests that the pool was too small for, by prefix length. */
  readonly refused = new Map<number, number>()

  constructor(
    readonly prefix: Prefix,
    written: readonly Prefix[],
  ) {
    this.low = prefix.network
    this.high = prefix.network + sizeOf(prefix)
    this.written = written.filter((other) => overlaps(prefix, other))
  }

  /** A written prefix that contains the whole pool; undefined for none. */
  get coveredBy(): Prefix | undefined {
    return this.written.find(({ length }) => length <= this.prefix.length)
  }

  /** The next free prefix of this length. */
  take(length: number): Prefix | null {
    const prefix = this.searchUp(length)
    if (prefix) this.low = prefix.network + sizeOf(prefix)
    else this.refuse(length)
    return prefix
  }

  /**
   * Takes a larger prefix than usual from the high end of the pool, and leaves out one of the usual length at the low end. So
   * the prefixes of later requests are the same as if this one had the usual length.
   */
  takeFromEnd(length: number, usualLength: number): Prefix | null {
    const usual = this.searchUp(usualLength)
    if (usual) this.low = usual.network + sizeOf(usual)
    const size = this.size(length)
    const prefix = this.search(length, ((this.high - size) / size) * size, -1n)
    if (prefix) this.high = prefix.network
    else this.refuse(length)
    return prefix
  }

  /** Leaves out the lowest address, since a loopback address that ends in .0 looks like a network. */
  skipFirst(): this {
    this.low += 1n
    return this
  }

  private refuse(length: number): void {
    this.refused.set(length, (this.refused.get(length) ?? 0) + 1)
  }

  private searchUp(length: number): Prefix | null {
    return this.search(length, roundUp(this.low, this.size(length)), 1n)
  }

  private search(length: number, from: bigint, direction: 1n | -1n): Prefix | null {
    const { family } = this.prefix
    const size = this.size(length)
    for (let at = from; at >= this.low && at + size <= this.high; at += direction * size) {
      const candidate = makePrefix(family, at, length)
      const hit = this.written.find((other) => overlaps(candidate, other))
      if (!hit) return candidate
      // Step over a large written prefix at once.
      if (sizeOf(hit) > size) at = direction > 0n ? hit.network + sizeOf(hit) - size : hit.network
    }
    return null
  }

  private size(length: number): bigint {
    return 1n << BigInt(bitsOf(this.prefix.family) - length)
  }
}

const roundUp = (value: bigint, size: bigint): bigint => ((value + size - 1n) / size) * size

/** `2 more /31 and one more /29 are needed` */
function needed({ length: whole }: Prefix, refused: ReadonlyMap<number, number>): string {
  const each = [...refused].map(([length, count]) => {
    if (count > 1) return `${count} more /${length}`
    return length < whole ? `a /${length}` : `one more /${length}`
  })
  const isOne = [...refused.values()].reduce((sum, count) => sum + count) === 1
  return `${each.join(' and ')} ${isOne ? 'is' : 'are'} needed`
}

/** The pools of a lab: those in its file, else the defaults. */
export class Pools {
  private readonly pools: Record<Family, Record<PoolKind, Pool>>

  constructor(
    private readonly named: TopologyFile['pools'],
    written: readonly Prefix[],
  ) {
    const poolsOf = (family: Family) => ({
      links: new Pool(this.prefixOf(family, 'links'), written),
      lans: new Pool(this.prefixOf(family, 'lans'), written),
      loopbacks: new Pool(this.prefixOf(family, 'loopbacks'), written).skipFirst(),
    })
    this.pools = { 4: poolsOf(4), 6: poolsOf(6) }
  }

  of(family: Family, kind: PoolKind): Pool {
    return this.pools[family][kind]
  }

  /** Faults for pools that overlap and pools that were too small. */
  check(faults: Faults): void {
    for (const family of [4, 6] as const) {
      KINDS.forEach((kind, index) => {
        const { prefix, refused, coveredBy } = this.of(family, kind)
        const pathOf = (each: PoolKind) => ['pools', `ipv${family}`, each]
        const other = KINDS.slice(0, index).find((before) => overlaps(this.of(family, before).prefix, prefix))
        if (other) {
          const [a, b] = [other, kind].map((each) => this.prefixOf(family, each).networkText)
          const path = pathOf(this.isNamed(family, kind) ? kind : other)
          faults.add(path, `the pools ${other} and ${kind} overlap: ${a} and ${b}`)
        }
        if (refused.size === 0) return
        const fault =
          coveredBy === undefined
            ? `is too small: ${needed(prefix, refused)}`
            : `is all within ${coveredBy.networkText}, which is written`
        faults.add(pathOf(kind), `the pool ${prefix.networkText} for ${kind} ${fault}`)
      })
    }
  }

  /** Whether the pool is written in the file. */
  isNamed(family: Family, kind: PoolKind): boolean {
    return this.named?.[`ipv${family}`]?.[kind] !== undefined
  }

  private prefixOf(family: Family, kind: PoolKind): Prefix {
    return parsePrefix(this.named?.[`ipv${family}`]?.[kind] ?? DEFAULTS[family][kind]) as Prefix
  }
}
