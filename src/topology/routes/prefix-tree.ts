// A binary tree over prefixes that do not overlap (D. R. Morrison, PATRICIA, 1968). Each prefix is a leaf; an inner node is the
// longest prefix that contains all leaves below it. All nodes of a lab use the same tree, so it is built once for each family.

import type { Family } from '../../model/family.js'
import { bitsOf, makePrefix, type Prefix } from '../values/prefix.js'

/** Nodes are numbered so that children come before their parent; the last is the root. */
export interface PrefixTree {
  prefixes: Prefix[]
  /** -1 for a leaf. */
  left: Int32Array
  right: Int32Array
  /** -1 for the root. */
  parent: Int32Array
  /** The index of a leaf's prefix in the list that was given; -1 for an inner node. */
  leaf: Int32Array
}

/** Builds the tree. @returns null if two prefixes overlap, or there are none */
export function prefixTree(family: Family, given: readonly Prefix[]): PrefixTree | null {
  const order = given.map((_, index) => index).sort((a, b) => compare(at(given, a).network, at(given, b).network))
  const isDisjoint = order.every((index, place) => {
    const before = place > 0 ? at(given, at(order, place - 1)) : null
    return (
      before === null || before.network + (1n << BigInt(bitsOf(family) - before.length)) <= at(given, index).network
    )
  })
  if (!isDisjoint || given.length === 0) return null
  const size = 2 * given.length - 1
  const tree: PrefixTree = {
    prefixes: [],
    left: new Int32Array(size).fill(-1),
    right: new Int32Array(size).fill(-1),
    parent: new Int32Array(size).fill(-1),
    leaf: new Int32Array(size).fill(-1),
  }
  grow(tree, family, given, order, 0, order.length - 1)
  return tree
}

/** Whether two trees have the same shape, with the prefixes of the same indexes as leaves. */
export const isSameTree = (a: PrefixTree, b: PrefixTree): boolean =>
  a === b || (isEqual(a.leaf, b.leaf) && isEqual(a.left, b.left) && isEqual(a.right, b.right))

const isEqual = (a: Int32Array, b: Int32Array): boolean =>
  a.length === b.length && a.every((each, index) => each === b[index])

/** Builds the part of the tree for a run of sorted prefixes. @returns the number of its topmost node */
function grow(
  tree: PrefixTree,
  family: Family,
  given: readonly Prefix[],
  order: readonly number[],
  first: number,
  last: number,
): number {
  const low = at(given, at(order, first))
  if (first === last) {
    tree.leaf[tree.prefixes.length] = at(order, first)
    return tree.prefixes.push(low) - 1
  }
  const length = sharedLength(family, low.network, at(given, at(order, last)).network)
  const bit = 1n << BigInt(bitsOf(family) - length - 1)
  let [from, to] = [first + 1, last]
  while (from < to) {
    const middle = (from + to) >> 1
    if (at(given, at(order, middle)).network & bit) to = middle
    else from = middle + 1
  }
  const left = grow(tree, family, given, order, first, from - 1)
  const right = grow(tree, family, given, order, from, last)
  const node = tree.prefixes.push(makePrefix(family, low.network, length)) - 1
  tree.left[node] = left
  tree.right[node] = right
  tree.parent[left] = node
  tree.parent[right] = node
  return node
}

/** The number of leading bits that two addresses have in common. */
function sharedLength(family: Family, a: bigint, b: bigint): number {
  const difference = a ^ b
  return difference === 0n ? bitsOf(family) : bitsOf(family) - difference.toString(2).length
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)

const at = <T>(list: readonly T[], index: number): T => list[index] as T
