// Compressed tables: as small as can be, and the same forwarding for whatever has an address.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ATTACHED, compressTable, NO_ROUTE } from '../../../../src/topology/routes/compress.js'
import { type PrefixTree, prefixTree } from '../../../../src/topology/routes/prefix-tree.js'
import { type Prefix, parsePrefix } from '../../../../src/topology/values/prefix.js'

const prefixesOf = (numbers: number[]): Prefix[] =>
  numbers.map((number) => parsePrefix(`10.0.0.${number}/32`) as Prefix)

const treeOf = (numbers: number[]): PrefixTree => prefixTree(4, prefixesOf(numbers)) as PrefixTree

/** Label of each leaf under a table, an entry or null for each node of the tree; NO_ROUTE without one. */
function forwarding(tree: PrefixTree, table: readonly (number | null)[]): Map<number, number> {
  const result = new Map<number, number>()
  tree.leaf.forEach((leaf, start) => {
    if (leaf < 0) return
    let at = start
    while (at >= 0 && table[at] === null) at = tree.parent[at] as number
    result.set(leaf, at < 0 ? NO_ROUTE : (table[at] as number))
  })
  return result
}

const isRight = (found: ReadonlyMap<number, number>, labels: readonly number[]): boolean =>
  labels.every((label, leaf) => label === ATTACHED || found.get(leaf) === label)

/** Size of the smallest of all tables that are right. */
function smallest(tree: PrefixTree, labels: readonly number[]): number {
  const choices = [null, NO_ROUTE, ...new Set(labels.filter((label) => label >= 0))]
  let best = Number.POSITIVE_INFINITY
  const table: (number | null)[] = []
  const fill = (used: number): void => {
    if (used >= best) return
    if (table.length === tree.leaf.length) {
      if (isRight(forwarding(tree, table), labels)) best = used
      return
    }
    for (const choice of choices) {
      table.push(choice)
      fill(used + (choice === null ? 0 : 1))
      table.pop()
    }
  }
  fill(0)
  return best
}

const tables = fc
  .uniqueArray(fc.nat(15), { minLength: 1, maxLength: 5 })
  .chain((numbers) =>
    fc.tuple(
      fc.constant(numbers),
      fc.array(fc.constantFrom(ATTACHED, NO_ROUTE, 0, 1, 2), { minLength: numbers.length, maxLength: numbers.length }),
    ),
  )

test('no table that forwards the same is smaller', () => {
  fc.assert(
    fc.property(tables, ([numbers, labels]) => {
      const tree = treeOf(numbers)
      const entries = compressTable(tree, Int32Array.from(labels))
      const table = [...tree.leaf].map((): number | null => null)
      for (const { node, label } of entries) table[node] = label
      expect(isRight(forwarding(tree, table), labels)).toBe(true)
      expect(entries).toHaveLength(smallest(tree, labels))
    }),
    { numRuns: 150 },
  )
})

test('labels are more than fit into a word', () => {
  const numbers = Array.from({ length: 100 }, (_, number) => number)
  const entries = compressTable(
    treeOf(numbers),
    Int32Array.from(numbers, (number) => number >> 1),
  )
  expect(entries.length).toBe(50)
})

test('a tree has each prefix as a leaf, below what it shares with others', () => {
  const tree = treeOf([0, 1, 2, 128])
  const texts = tree.prefixes.map(({ networkText }) => networkText)
  expect(texts).toEqual([
    '10.0.0.0/32',
    '10.0.0.1/32',
    '10.0.0.0/31',
    '10.0.0.2/32',
    '10.0.0.0/30',
    '10.0.0.128/32',
    '10.0.0.0/24',
  ])
  expect([...tree.parent]).toEqual([2, 2, 4, 4, 6, 6, -1])
})

test('of prefixes that overlap there is no tree, nor of none', () => {
  const nested = ['10.0.0.0/24', '10.0.0.128/25'].map((text) => parsePrefix(text) as Prefix)
  expect(prefixTree(4, nested)).toBeNull()
  expect(prefixTree(4, nested.toReversed())).toBeNull()
  expect(prefixTree(4, [])).toBeNull()
})
