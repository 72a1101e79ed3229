// The pools that computed prefixes come from. A pool hands out one prefix after the other, and skips written ones.

import type { Family } from '../../model/family.js'
import type { TopologyFile } from '../schema/topology.js'
import type { Faults } from '../source/faults.js'
import { bitsOf, makePrefix, overlaps, type Prefix, parsePrefix, sizeOf } from '../values/prefix.js'

export type PoolKind = 'links' | 'lans' | 'loopbacks'

const KINDS: readonly PoolKind[] = ['links', 'lans', 'loopbacks']

/**
 * Disjoint networks that are not routed on the Internet (RFC 1918, RFC 4193, RFC 6598, RFC 2544). Those after the first are used
 * where what is written in the file leaves no room in the ones before.
 */
const DEFAULTS: Record<Family, Record<PoolKind, readonly [string, ...string[]]>> = {
  4: {
    links: ['10.0.0.0/9', '172.16.0.0/13', '100.64.0.0/11'],
    lans: ['10.128.0.0/10', '172.24.0.0/13', '100.96.0.0/11'],
    loopbacks: ['10.255.0.0/16', '192.168.0.0/16', '198.18.0.0/16'],
  },
  6: {
    links: ['fd00::/64', 'fd01::/64', 'fd02::/64'],
    lans: ['fd00:1::/32', 'fd01:1::/32', 'fd02:1::/32'],
    loopbacks: ['fd00:ffff::/64', 'fd01:ffff::/64', 'fd02:ffff::/64'],
  },
}

/** A pool. The prefix that it hands out depends only on what is written, and on earlier requests. */
export interface Pool {
  /** The next free prefix of this length; null if there is none. */
  take(length: number): Prefix | null
  takeFromEnd(length: number, usualLength: number): Prefix | null
}

/** A pool of several networks, of which each is used when those before it have no room. */
class ChainedPool implements Pool {
  constructor(readonly networks: readonly NetworkPool[]) {}

  take(length: number): Prefix | null {
    return this.first((network) => network.take(length))
  }

  takeFromEnd(length: number, usualLength: number): Prefix | null {
    return this.first((network) => network.takeFromEnd(length, usualLength))
  }

  private first(take: (network: NetworkPool) => Prefix | null): Prefix | null {
    for (const network of this.networks) {
      const prefix = take(network)
      if (prefix) return prefix
    }
    return null
  }
}

/** A pool of one network. */
class NetworkPool implements Pool {
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

/** All networks from which addresses are computed. */
export const poolNetworks = (named: TopologyFile['pools']): Prefix[] =>
  ([4, 6] as const).flatMap((family) => KINDS.flatMap((kind) => networksOf(named, family, kind)))

function networksOf(named: TopologyFile['pools'], family: Family, kind: PoolKind): [Prefix, ...Prefix[]] {
  const own = named?.[`ipv${family}`]?.[kind]
  const texts = own === undefined ? DEFAULTS[family][kind] : [own]
  return texts.map((text) => parsePrefix(text) as Prefix) as [Prefix, ...Prefix[]]
}

/** The pools of a lab: those in its file, else the defaults. */
export class Pools {
  private readonly pools: Record<Family, Record<PoolKind, ChainedPool>>

  constructor(
    private readonly named: TopologyFile['pools'],
    written: readonly Prefix[],
  ) {
    const poolOf = (family: Family, kind: PoolKind) =>
      new ChainedPool(
        this.networksOf(family, kind).map((prefix, index) => {
          // A named pool that overlaps the first network of another one is a fault; the others give way to it.
          const others = KINDS.filter((each) => index > 0 && each !== kind && this.isNamed(family, each))
          const named = others.map((each) => this.networksOf(family, each)[0])
          const pool = new NetworkPool(prefix, [...written, ...named])
          return kind === 'loopbacks' ? pool.skipFirst() : pool
        }),
      )
    const poolsOf = (family: Family) => ({
      ...{ links: poolOf(family, 'links'), lans: poolOf(family, 'lans'), loopbacks: poolOf(family, 'loopbacks') },
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
        const pathOf = (each: PoolKind) => ['pools', `ipv${family}`, each]
        const [own] = this.networksOf(family, kind)
        const other = KINDS.slice(0, index).find((before) => overlaps(this.networksOf(family, before)[0], own))
        if (other) {
          const texts = [other, kind].map((each) => this.networksOf(family, each)[0].networkText)
          const path = pathOf(this.isNamed(family, kind) ? kind : other)
          faults.add(path, `the pools ${other} and ${kind} overlap: ${texts.join(' and ')}`)
        }
        // What the last network has no room for is refused.
        const last = this.pools[family][kind].networks.at(-1)
        if (!last || last.refused.size === 0) return
        const { prefix, refused, coveredBy } = last
        const fault =
          coveredBy === undefined
            ? `is too small: ${needed(prefix, refused)}`
            : `is all within ${coveredBy.networkText}, which is written`
        const remedy = this.isNamed(family, kind) ? '' : `; write a larger one under \`${pathOf(kind).join('.')}\``
        const networks = this.networksOf(family, kind).map(({ networkText }) => networkText)
        faults.add(pathOf(kind), `the pool ${networks.join(', ')} for ${kind} ${fault}${remedy}`)
      })
    }
  }

  /** Whether the pool is written in the file. */
  isNamed(family: Family, kind: PoolKind): boolean {
    return this.named?.[`ipv${family}`]?.[kind] !== undefined
  }

  private networksOf(family: Family, kind: PoolKind): [Prefix, ...Prefix[]] {
    return networksOf(this.named, family, kind)
  }
}
