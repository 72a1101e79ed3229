// `repeat` and `count`: many nodes and links from one description.
import { expect, test } from 'vitest'
import { EFFORT } from '../../../support/effort.js'
import { linksOf, parse, resolve, shown } from '../support.js'

const names = (text: string): string[] => [...parse(text).nodes.keys()]

// h1 ── r1 ── r2 ── r3 ── r1 …
test('a ring of routers with a host each, from four descriptions', () => {
  const lab = resolve(`
vars: { n: 3 }
nodes:
  r{i}: { kind: router, repeat: "\${n}" }
  h{i}: { repeat: "\${n}" }
links:
  - { repeat: "\${n}", endpoints: ["h{i}", "r{i}"] }
  - { repeat: "\${n}", endpoints: ["r{i}:east", "r{i%\${n}+1}:west"] }
`)
  expect(lab.nodes.map(({ name }) => name)).toEqual(['r1', 'r2', 'r3', 'h1', 'h2', 'h3'])
  expect(linksOf(lab)).toEqual([
    'h1:eth0–r1:eth0',
    'h2:eth0–r2:eth0',
    'h3:eth0–r3:eth0',
    'r1:east–r2:west',
    'r2:east–r3:west',
    'r3:east–r1:west',
  ])
})

test('counts, ranges, lists, and several variables, the last one fastest', () => {
  expect(names('nodes: {"h{i}": {repeat: 3}}')).toEqual(['h1', 'h2', 'h3'])
  expect(names('nodes: {"h{i}": {repeat: 0..2}}')).toEqual(['h0', 'h1', 'h2'])
  expect(names('nodes: {x: {}, "h{i}": {repeat: 0}}')).toEqual(['x'])
  expect(names('nodes: {"{i}-web": {repeat: [paris, rome, 3]}}')).toEqual(['paris-web', 'rome-web', '3-web'])
  expect(names('nodes: {"r{row}-{column}": {repeat: {row: 1..2, column: [a, b]}}}')).toEqual([
    'r1-a',
    'r1-b',
    'r2-a',
    'r2-b',
  ])
})

test('a range can depend on the variable above it: every pair once', () => {
  const lab = resolve(
    'nodes: {"n{i}": {repeat: 4}}\nlinks:\n  - {repeat: {i: 1..4, j: "{i+1}..4"}, endpoints: ["n{i}", "n{j}"]}',
  )
  expect(linksOf(lab).map((link) => link.replace(/:eth[0-9]/g, ''))).toEqual([
    'n1–n2',
    'n1–n3',
    'n1–n4',
    'n2–n3',
    'n2–n4',
    'n3–n4',
  ])
})

test('braces count: arithmetic, padding, hexadecimal digits; alone they are a number', () => {
  const { nodes } = parse(`
nodes:
  "h{i:03}":
    repeat: 9..10
    mtu: "{1000+i*50}"
    mac: { eth0: "02:00:00:00:00:{i:02x}" }
    labels: { next: "{i+1}", block: "{(i-1)/4}", back: "{(i-20)%8}", shell: "awk '{print $1}' {j} {{x}} a{3}" }
`)
  expect(nodes.get('h009')).toMatchObject({ mtu: 1450, mac: { eth0: '02:00:00:00:00:09' } })
  expect(nodes.get('h010')).toMatchObject({
    mtu: 1500,
    mac: { eth0: '02:00:00:00:00:0a' },
    labels: { next: '11', block: '2', back: '6', shell: "awk '{print $1}' {j} {{x}} a{3}" },
  })
})

test('an escaped dollar sign keeps its braces', () => {
  const { nodes } = parse('nodes: {"h{i}": {repeat: 1, domainname: "$${i}.{i}"}}')
  expect(nodes.get('h1')?.domainname).toBe('${i}.1')
})

test('parallel links get names of their own', () => {
  const lab = resolve('nodes: {a: {}, b: {}}\nlinks: [{endpoints: [a, b], count: 2}, [a, b]]')
  expect(linksOf(lab)).toEqual(['a:eth0–b:eth0', 'a:eth1–b:eth1', 'a:eth2–b:eth2'])
  const one = resolve(
    'nodes: {a: {}, b: {}}\nlinks: [{endpoints: ["a:x", b], count: 1, name: y, subnets: [192.0.2.0/24]}]',
  )
  expect(linksOf(one)).toEqual(['a:x–b:eth0'])
  const alike = '{node: a, addresses: [], mac: "02:00:00:00:00:01", mtu: 1400}'
  expect(
    linksOf(resolve(`nodes: {a: {}, b: {}}\nlinks: [{endpoints: [${alike}, b], count: 2, subnets: []}]`)),
  ).toHaveLength(2)
})

test.each([
  [
    'nodes: {h: {repeat: 3}}',
    '1:9 nodes.h: h is there twice; a repeated node needs a variable in its name, such as h{i}',
  ],
  [
    'nodes: {h: {repeat: {j: 3}}}',
    '1:9 nodes.h: h is there twice; a repeated node needs a variable in its name, such as h{j}',
  ],
  ['nodes: {"h{j}": {repeat: 3}}', '1:9 nodes.h{j}: h{j} is there twice; {j} is not filled in: this `repeat` has {i}'],
  [
    'nodes: {"h{k}": {repeat: {i: 3, j: 3}}}',
    '1:9 nodes.h{k}: h{k} is there twice; {k} is not filled in: this `repeat` has {i} and {j}',
  ],
  [
    'nodes: {"h{i}-{j}": {repeat: {j: "{i}..3", i: 1..3}}}',
    '1:34 nodes.h{i}-{j}.repeat.j: {i} has no value here: only variables above this one can be used',
  ],
  ['nodes: {h2: {}, "h{i}": {repeat: 3}}', '1:17 nodes.h{i}: h2 is there twice (i = 2)'],
  [
    'nodes: {"h{i}": {}}',
    '1:9 nodes.h{i}: h{i}: a name consists of letters, digits and inner hyphens; braces are for the variables of `repeat`',
  ],
  [
    'nodes: {"h{i}": {repeat: many}}',
    '1:26 nodes.h{i}.repeat: `repeat` takes a count, a range such as 1..4, a list, or a map from names to these',
  ],
  ['nodes: {"h{i}": {repeat: -1}}', '1:26 nodes.h{i}.repeat: `repeat` takes a count'],
  ['nodes: {"h{i}": {repeat: 1.5}}', '1:26 nodes.h{i}.repeat: `repeat` takes a count'],
  ['nodes: {"h{i}": {repeat: }}', '1:26 nodes.h{i}.repeat: `repeat` takes a count'],
  ['nodes: {"h{i}": {repeat: 4..1}}', '1:26 nodes.h{i}.repeat: the range 4..1 is empty'],
  ['nodes: {"h{i}": {repeat: [[1]]}, x: {}}', '1:27 nodes.h{i}.repeat.0: `repeat` takes texts and whole numbers'],
  ['nodes: {"h{i}": {repeat: {i: 2, 1x: 2}}}', '1:33 nodes.h{i}.repeat.1x: 1x is no name for a variable'],
  ['nodes: {"h{i/0}": {repeat: 1}}', '1:9 nodes.h{i/0}: {i/0} divides by zero (i = 1)'],
  ['nodes: {"h{i+}": {repeat: 1}}', '1:9 nodes.h{i+}: {i+} is not an expression (i = 1)'],
  ['nodes: {"h{(i}": {repeat: 1}}', '1:9 nodes.h{(i}: {(i} has a bracket that is not closed (i = 1)'],
  ['nodes: {"h{i+1}": {repeat: [a]}}', '1:9 nodes.h{i+1}: {i+1} counts with i, which is the text a (i = a)'],
  ['nodes: {"h{i*i*i*i}": {repeat: [99999]}}', '{i*i*i*i} is too large a number (i = 99999)'],
  [
    'nodes: {"h{i}": {repeat: 3}}\nlinks:\n  - {repeat: 3, endpoints: ["h{i}", "h{i+1}"]}',
    '3:37 links.0.endpoints.1: there is no node h4',
  ],
  ['nodes: {a: {}, "{p}": {repeat: {p: [__proto__]}}}', '1:16 nodes.{p}: __proto__ cannot be a key (p = __proto__)'],
  [
    'nodes: {"a{i}": {repeat: {i: 1, p: [__proto__]}, env: {"{p}": x}}}',
    '1:56 nodes.a{i}.env.{p}: __proto__ cannot be a key (i = 1, p = __proto__)',
  ],
  [
    'nodes: {"a{i}": {repeat: 2, labels: {x2: a, "x{i}": b}}}',
    '1:45 nodes.a{i}.labels.x{i}: x2 is there twice (i = 2)',
  ],
  ['nodes: {"h{i}": {repeat: 3, kidn: x}}', '1:29 nodes.h{i}.kidn: unknown key kidn; did you mean kind?'],
  [
    'nodes: {a: {}, b: {}}\nlinks: [{endpoints: [a, b], count: 0}]',
    '2:36 links.0.count: a link is there at least once',
  ],
  [
    'nodes: {a: {}, b: {}}\nlinks: [{endpoints: ["a:e", b], count: 2}]',
    '2:22 links.0.endpoints.0: `count` makes 2 links, and an interface is of one; `repeat` can give each its own',
  ],
  [
    'nodes: {a: {}, b: {}}\nlinks: [{endpoints: [{node: a, interface: e}, b], count: 2}]',
    '2:43 links.0.endpoints.0.interface: `count` makes 2 links, and an interface is of one',
  ],
  [
    'nodes: {a: {}, b: {}}\nlinks: [{endpoints: [{node: a, addresses: [192.0.2.1/24]}, b], count: 2}]',
    '2:43 links.0.endpoints.0.addresses: `count` makes 2 links, and an address is of one',
  ],
  [
    'nodes: {a: {}, b: {}}\nlinks: [{endpoints: [a, b], count: 3, name: x}]',
    '2:45 links.0.name: `count` makes 3 links, and a name is of one',
  ],
  [
    'nodes: {a: {}, b: {}, c: {}}\nlinks: [{endpoints: [a, b, c], count: 2, name: x}]',
    '2:48 links.0.name: `count` makes 2 links, and a name is of one',
  ],
  [
    'nodes: {a: {}, b: {}}\nlinks: [{endpoints: [a, b], count: 2, subnets: [192.0.2.0/24]}]',
    '2:48 links.0.subnets: `count` makes 2 links, and a subnet is of one',
  ],
])('%s', (text, fault) => {
  const faults = shown(text)
  expect(faults).toHaveLength(1)
  expect(faults[0]).toContain(fault)
})

test('what has no variables is told without any', () => {
  const fault = 'h_: a name consists of letters, digits and inner hyphens'
  expect(shown('nodes: {"h_": {repeat: {}}}')).toEqual([`1:9 nodes.h_: ${fault}`])
})

test('one mistake that is repeated is told once', () => {
  const text = 'nodes: {"h{i}": {repeat: 50}}\nlinks:\n  - {repeat: 50, endpoints: ["h{i}", "x{i}"]}'
  expect(shown(text)).toEqual([
    expect.stringMatching(/^3:38 links\.0\.endpoints\.1: there is no node x1.* \(i = 1\); and 49 more like it$/),
  ])
})

test.each([
  ['nodes: {"h{i}": {repeat: 10001}}', '1:26 nodes.h{i}.repeat: a lab has at most 10000 nodes'],
  ['nodes: {"h{i}": {repeat: 1..99999999999999999999999}}', 'a lab has at most 10000 nodes'],
  ['nodes: {"h{i}-{j}": {repeat: {i: 100000, j: 100000}}}', 'a lab has at most 10000 nodes'],
  ['nodes: {x: {}, "h{i}": {repeat: 10000}}', 'a lab has at most 10000 nodes'],
  [
    `nodes: {${Array.from({ length: 10_001 }, (_, at) => `n${at}: {}`)}}`,
    'nodes.n10000: a lab has at most 10000 nodes',
  ],
  [
    'nodes: {a: {}, b: {}}\nlinks: [{endpoints: [a, b], count: 9999999}]',
    '2:36 links.0.count: a lab has at most 20000 links',
  ],
  [
    'nodes: {"h{i}": {repeat: 3}}\nlinks: [[h1, h2], {repeat: 6667, endpoints: [h1, h2, h3]}]',
    '2:28 links.1.repeat: a lab has at most 20000 links, and up to here there are more',
  ],
  [
    'nodes: {x: {}, "h{i}": {repeat: {i: 999999999, j: "{i}..0"}}}',
    'the repetitions up to here make over 1000000 values, and that is the limit',
  ],
  [`nodes: {"h{i}": {repeat: 9000, routes: [${'{to: default},'.repeat(200)}]}}`, 'make over 1000000 values'],
])('%.60s makes more than the limit', (text, fault) => {
  expect(shown(text)).toEqual([expect.stringContaining(fault)])
})

/** With an effort of 4, the most that a lab may have. */
const MANY = Math.min(20_000, 5000 * EFFORT)
const NODES = Math.floor(MANY / 2) - 1

test.each([
  ['parallel links', `nodes: {a: {}, b: {}}\nlinks: [{endpoints: [a, b], count: ${MANY}}]`],
  [
    'links of one node',
    `nodes: {a: {}, "b{i}": {repeat: ${NODES}}}\nlinks: [{repeat: ${NODES}, endpoints: [a, "b{i}"]}]`,
  ],
  ['links of routers', `nodes: {"r{i}": {kind: router, repeat: 2}}\nlinks: [{count: ${MANY}, endpoints: [r1, r2]}]`],
])('very many %s are resolved', (_, text) => {
  const { links } = resolve(text)
  expect(new Set(links.map(({ endpoints }) => endpoints[0].interface)).size).toBe(links.length)
})

test('kinds and aliases cannot multiply beyond the limit either', () => {
  const routes = `routes: [${'{to: default},'.repeat(200)}]`
  const nodes = Array.from({ length: 3000 }, (_, at) => `n${at}: {kind: k}`).join(', ')
  expect(shown(`kinds: {k: {${routes}}}\nnodes: {${nodes}}`)).toEqual([
    '2:1 nodes: with kinds, aliases and repetitions filled in, there are over 1000000 values here',
  ])
})
