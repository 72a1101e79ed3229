// Where computed addresses of large labs come from: each node after the first few has one block, with the subnets of its
// links to nodes before it and its loopback side by side. So what is near in the file is near in numbers, and one route can
// lead to all of it: in a grid of 32 × 32 routers that halves compressed tables. A block depends only on nodes before it,
// so a node at the end of the file changes nobody else's.

import type { Family } from '../../model/resolved.js'
import { bitsOf, makePrefix, type Prefix } from '../values/prefix.js'
import type { Pools } from './pools.js'

/** Nodes up to this number have addresses from the pools in the order of the file, which people like to read. */
const SEQUENTIAL_NODES = 64

/** What a node's block is to hold. */
export interface Need {
  links: number
  hasLoopback: boolean
}

/** Whether a node of this number, from 0, has a block. */
export const hasBlock = (node: number): boolean => node >= SEQUENTIAL_NODES

/** The blocks of one family. */
export class Blocks {
  private readonly free = new Map<number, { at: bigint; loopback: boolean }>()

  /** @param needs by node's number; only of nodes that have a block */
  constructor(
    private readonly family: Family,
    needs: ReadonlyMap<number, Need>,
    pools: Pools,
  ) {
    for (const [node, { links, hasLoopback }] of [...needs].sort(([a], [b]) => a - b)) {
      const addresses = 2 * links + (hasLoopback ? 1 : 0)
      if (addresses === 0) continue
      const block = pools.of(family, 'links').take(bitsOf(family) - Math.ceil(Math.log2(addresses)))
      if (block) this.free.set(node, { at: block.network, loopback: hasLoopback })
    }
  }

  /** The next subnet for a link; null when the pool was too small. */
  link(node: number): Prefix | null {
    const free = this.free.get(node)
    if (!free) return null
    const prefix = makePrefix(this.family, free.at, bitsOf(this.family) - 1)
    free.at += 2n
    return prefix
  }

  /** The node's loopback, once all of its links have theirs; null when it is to come from elsewhere. */
  loopback(node: number): Prefix | null {
    const free = this.free.get(node)
    return free?.loopback ? makePrefix(this.family, free.at, bitsOf(this.family)) : null
  }
}
