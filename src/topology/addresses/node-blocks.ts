// Address blocks of nodes in large labs. Each node after the first few has one block, which holds the subnets of its links to
// earlier nodes, and its loopback. Nodes that are near each other in the file so have neighbouring addresses, and one route can
// lead to all of them: in a grid of 32 × 32 routers this halves compressed tables. A block depends only on earlier nodes, so a
// node that is added at the end of the file does not change the addresses of others.

import type { Family } from '../../model/family.js'
import { bitsOf, makePrefix, type Prefix } from '../values/prefix.js'
import type { Pools } from './pools.js'

/** The first nodes have no block: their addresses come from the pools in the order of the file, which is easy to read. */
const SEQUENTIAL_NODES = 64

/** What a node's block must have room for. */
export interface BlockNeed {
  /** Subnets of two addresses each. */
  links: number
  hasLoopback: boolean
}

/** Whether a node has a block. @param node its number in the file, from 0 */
export const hasBlock = (node: number): boolean => node >= SEQUENTIAL_NODES

/** The blocks of one family. */
export class NodeBlocks {
  /** By number of the node: the first free address of its block, and whether the block has its loopback. */
  private readonly free = new Map<number, { at: bigint; loopback: boolean }>()

  /** @param needs by number of the node; only of nodes that have a block */
  constructor(
    private readonly family: Family,
    needs: ReadonlyMap<number, BlockNeed>,
    pools: Pools,
  ) {
    for (const [node, { links, hasLoopback }] of [...needs].sort(([a], [b]) => a - b)) {
      const addresses = 2 * links + (hasLoopback ? 1 : 0)
      if (addresses === 0) continue
      const block = pools.of(family, 'links').take(bitsOf(family) - Math.ceil(Math.log2(addresses)))
      if (block) this.free.set(node, { at: block.network, loopback: hasLoopback })
    }
  }

  /** The next subnet for a link of a node; null if the pool was too small for the block. */
  link(node: number): Prefix | null {
    const free = this.free.get(node)
    if (!free) return null
    const prefix = makePrefix(this.family, free.at, bitsOf(this.family) - 1)
    free.at += 2n
    return prefix
  }

  /** The loopback address of a node, after the subnets of all its links; null if its block has none. */
  loopback(node: number): Prefix | null {
    const free = this.free.get(node)
    return free?.loopback ? makePrefix(this.family, free.at, bitsOf(this.family)) : null
  }
}
