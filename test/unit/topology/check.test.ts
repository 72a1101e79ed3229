// A fault in the shape of one part hides no fault in the meaning of another, and makes none.
import { expect, test } from 'vitest'
import { LabError } from '../../../src/errors.js'
import { checkTopology } from '../../../src/topology/check.js'

function faultsOf(text: string): string[] {
  try {
    checkTopology(text, {}, {})
  } catch (error) {
    if (error instanceof LabError && error.issues) return error.issues.map(({ line, message }) => `${line}: ${message}`)
    throw error
  }
  return []
}

test('both are told at once', () => {
  const text = `nodes:
  a: { kidn: host, mtu: big }
  b: { namespaces: { net: host } }
links:
  - { endpoints: [a, b], mtu: big }
  - [a, c]
  - { endpoints: [b, [x]] }
  - { endpoints: [{ node: b, interface: lo }, a] }
`
  expect(faultsOf(text)).toEqual([
    '2: unknown key kidn; did you mean kind?',
    '2: expected a number or a map, got "big"',
    "3: net: host is not allowed: nslab never touches the host's network",
    '5: expected a number, got "big"',
    '6: there is no node c',
    '7: expected a text or a map, got a list',
    "8: lo is every node's loopback, no end of a link",
  ])
})

test.each([
  'nodes: {a_b: {}, c: {}}\nlinks: [[a_b, c]]',
  'nodes: {a: 3, c: {}}\nlinks: [[a, c]]',
  'nodes: {a.b: {}, c: {}}\nlinks: [["a.b", c]]',
  'nodes: {a: {addresses: {eth0: [here]}}, b: {routes: [{to: default, via: 192.0.2.1}]}}\nlinks: [[a, b]]',
  'nodes: {s: {kind: swich, interfaces: {br0: {kind: bridge}}}, b: {}}\nlinks: [[s, b]]',
  'nodes: {a: {interfaces: {bond0: {kind: bond, members: [eth0, eth1]}}}, b: {}}\nlinks: [[a, b], {endpoints: [a, b, {}]}]',
  'nodes: {a: {}, b: {}}\nlinks: {a: b}',
])('nothing follows from the one fault of\n%s', (text) => expect(faultsOf(text)).toHaveLength(1))
