// Optimal route table construction (R. Draves, C. King, S. Venkatachary, B. Zill, INFOCOM 1999): computes the smallest table that
// forwards to every known prefix as the plain table does. A label is a number that stands for a set of next hops. Addresses
// outside all known prefixes may be forwarded anywhere, if they are within the shortest prefix that contains all known ones; for
// other addresses there is no route.
import type { PrefixTree } from './prefix-tree.js'

/** Label of a prefix that the node is on: the kernel has a route to it, so that any other route may cover it. */
export const ATTACHED = -1
/** Label of a prefix that cannot be reached. */
export const NO_ROUTE = -2

/**
 * Computes the entries of a table: the number of a node in the tree, and its label. Of two entries for an address, the longer
 * prefix wins. An entry has the label `NO_ROUTE` if its prefix cannot be reached, but lies in another entry's prefix.
 *
 * @param labels a label for each prefix that the tree was made from: 0 and above, `ATTACHED` or `NO_ROUTE`
 */
export function compressTable(tree: PrefixTree, labels: Int32Array): { node: number; label: number }[] {
  const { distinct, numbers } = numbered(labels)
  if (distinct.length === 0) return []
  const sets = new LabelSets(tree.leaf.length, distinct.length)
  gather(tree, numbers, sets)
  return choose(tree, distinct, sets)
}

/** The distinct labels, and for each prefix the index of its label among them; `ATTACHED` stays the same. */
function numbered(labels: Int32Array): { distinct: number[]; numbers: Int32Array } {
  const places = new Map<number, number>()
  const numbers = new Int32Array(labels.length)
  // Neighbouring prefixes mostly have the same label, and most of the time is spent on looking labels up.
  let [last, place] = [ATTACHED, ATTACHED]
  for (let index = 0; index < labels.length; index++) {
    const label = labels[index] as number
    if (label !== last) {
      place = label === ATTACHED ? ATTACHED : (places.get(label) ?? places.size)
      if (place === places.size) places.set(label, place)
      last = label
    }
    numbers[index] = place
  }
  return { distinct: [...places.keys()], numbers }
}

/**
 * Finds, from the leaves up, the labels that would need the fewest entries below a node: the labels that both children can have, or
 * where there is none, the labels that one of the children can have.
 */
function gather(tree: PrefixTree, numbers: Int32Array, sets: LabelSets): void {
  for (let node = 0; node < tree.leaf.length; node++) {
    const leaf = tree.leaf[node] as number
    if (leaf < 0) {
      sets.join(node, tree.left[node] as number, tree.right[node] as number)
      continue
    }
    const label = numbers[leaf] as number
    if (label === ATTACHED) sets.fill(node)
    else sets.add(node, label)
  }
}

/** Chooses labels from the root down. A node takes the label of its parent if it can; otherwise it needs an entry. */
function choose(tree: PrefixTree, labels: readonly number[], sets: LabelSets): { node: number; label: number }[] {
  const entries: { node: number; label: number }[] = []
  const chosen = new Int32Array(tree.leaf.length)
  for (let node = tree.leaf.length - 1; node >= 0; node--) {
    const parent = tree.parent[node] as number
    // The root inherits that there is no route.
    const inherited = parent < 0 ? labels.indexOf(NO_ROUTE) : (chosen[parent] as number)
    if (inherited >= 0 && sets.has(node, inherited)) {
      chosen[node] = inherited
      continue
    }
    chosen[node] = sets.first(node)
    entries.push({ node, label: labels[chosen[node] as number] as number })
  }
  return entries
}

/** A set of small numbers for each node of a tree. */
class LabelSets {
  private readonly words: number
  private readonly bits: Int32Array

  constructor(nodes: number, labels: number) {
    this.words = Math.ceil(labels / 32)
    this.bits = new Int32Array(nodes * this.words)
  }

  fill(node: number): void {
    this.bits.fill(-1, node * this.words, (node + 1) * this.words)
  }

  add(node: number, label: number): void {
    const at = node * this.words + (label >>> 5)
    this.bits[at] = (this.bits[at] as number) | (1 << (label & 31))
  }

  has(node: number, label: number): boolean {
    return (((this.bits[node * this.words + (label >>> 5)] as number) >>> (label & 31)) & 1) === 1
  }

  /** The smallest number in a set that is not empty. */
  first(node: number): number {
    for (let word = 0; ; word++) {
      const bits = this.bits[node * this.words + word] as number
      if (bits !== 0) return word * 32 + (31 - Math.clz32(bits & -bits))
    }
  }

  /** Sets the set of a node to the intersection of two other sets or, if that is empty, to their union. */
  join(node: number, left: number, right: number): void {
    const { words, bits } = this
    let common = 0
    for (let word = 0; word < words; word++) {
      common |= bits[node * words + word] =
        (bits[left * words + word] as number) & (bits[right * words + word] as number)
    }
    if (common !== 0) return
    for (let word = 0; word < words; word++) {
      bits[node * words + word] = (bits[left * words + word] as number) | (bits[right * words + word] as number)
    }
  }
}
