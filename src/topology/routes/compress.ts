// Optimal route table construction (R. Draves, C. King, S. Venkatachary, B. Zill, INFOCOM 1999): the smallest table that
// sends every known prefix where the plain one sends it. What a label is, is the caller's to know: here, a set of next hops.
// Addresses that nobody has may go anywhere within the prefix that all known ones share; beyond that, there is no route.
import type { PrefixTree } from './prefix-tree.js'

/** A prefix that is the node's own: it has a route of its own, and any other may cover it. */
export const OWN = -1
/** A prefix that cannot be reached. */
export const NOWHERE = -2

/**
 * The entries of a table: node of the tree, and label. Longer prefixes win over shorter ones. `NOWHERE` is a label here,
 * too, of a prefix within one that has another.
 *
 * @param labels of the prefixes that the tree was made of, 0 and above, or `OWN` or `NOWHERE`
 */
export function compressTable(tree: PrefixTree, labels: Int32Array): { node: number; label: number }[] {
  const { distinct, numbers } = numbered(labels)
  if (distinct.length === 0) return []
  const sets = new LabelSets(tree.leaf.length, distinct.length)
  gather(tree, numbers, sets)
  return choose(tree, distinct, sets)
}

/** The labels that there are, and for each prefix the place of its own among them; `OWN` stays what it is. */
function numbered(labels: Int32Array): { distinct: number[]; numbers: Int32Array } {
  const places = new Map<number, number>()
  const numbers = new Int32Array(labels.length)
  // Prefixes side by side mostly have the same label, and looking it up is what takes the time.
  let [last, place] = [OWN, OWN]
  for (let index = 0; index < labels.length; index++) {
    const label = labels[index] as number
    if (label !== last) {
      place = label === OWN ? OWN : (places.get(label) ?? places.size)
      if (place === places.size) places.set(label, place)
      last = label
    }
    numbers[index] = place
  }
  return { distinct: [...places.keys()], numbers }
}

/** From the leaves up: what most below a node agree on, which is what both sides can have, else what either can. */
function gather(tree: PrefixTree, numbers: Int32Array, sets: LabelSets): void {
  for (let node = 0; node < tree.leaf.length; node++) {
    const leaf = tree.leaf[node] as number
    if (leaf < 0) {
      sets.join(node, tree.left[node] as number, tree.right[node] as number)
      continue
    }
    const label = numbers[leaf] as number
    if (label === OWN) sets.fill(node)
    else sets.add(node, label)
  }
}

/** From the root down: what is inherited stays where it can; where not, there is an entry. */
function choose(tree: PrefixTree, labels: readonly number[], sets: LabelSets): { node: number; label: number }[] {
  const entries: { node: number; label: number }[] = []
  const chosen = new Int32Array(tree.leaf.length)
  for (let node = tree.leaf.length - 1; node >= 0; node--) {
    const parent = tree.parent[node] as number
    // Above the root, nothing is reached.
    const inherited = parent < 0 ? labels.indexOf(NOWHERE) : (chosen[parent] as number)
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

  /** The smallest in a set that is not empty. */
  first(node: number): number {
    for (let word = 0; ; word++) {
      const bits = this.bits[node * this.words + word] as number
      if (bits !== 0) return word * 32 + (31 - Math.clz32(bits & -bits))
    }
  }

  /** Makes a node's set what two others have in common, or, where that is nothing, all of both. */
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
