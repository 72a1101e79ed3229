import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LabError } from '../../../../src/errors.js'
import type { Shape } from '../../../../src/topology/generate/shape.js'
import { makeShape, SHAPES, type ShapeFlags, usageOf } from '../../../../src/topology/generate/shapes.js'
import { writeTopology } from '../../../../src/topology/generate/write.js'
import { resolve } from '../support.js'

const count = ({ nodes }: Shape, kind: string) => [...nodes.values()].filter((each) => each === kind).length

/** Links of each node. */
function degrees({ nodes, links }: Shape): Map<string, number> {
  const found = new Map([...nodes.keys()].map((name) => [name, 0]))
  for (const name of links.flat()) found.set(name, (found.get(name) as number) + 1)
  return found
}

function isConnected({ nodes, links }: Shape): boolean {
  const [first] = nodes.keys()
  const reached = new Set([first])
  for (let before = 0; before < reached.size; ) {
    before = reached.size
    for (const [a, b] of links) if (reached.has(a) !== reached.has(b)) reached.add(a).add(b)
  }
  return reached.size === nodes.size
}

const hosts = fc.integer({ min: 0, max: 2 })
const small = (least: number) => fc.integer({ min: least, max: 6 })
const arbitraries: Record<string, fc.Arbitrary<[number[], ShapeFlags]>> = {
  chain: fc.tuple(fc.tuple(small(1)), fc.record({ hosts })),
  ring: fc.tuple(fc.tuple(small(3)), fc.record({ hosts })),
  star: fc.tuple(fc.tuple(small(1)), fc.constant({})),
  full: fc.tuple(fc.tuple(small(2)), fc.record({ hosts })),
  tree: fc.tuple(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })), fc.constant({})),
  grid: fc.tuple(fc.tuple(small(1), small(1)), fc.record({ hosts })),
  torus: fc.tuple(fc.tuple(small(3), small(3)), fc.record({ hosts })),
  clos: fc.tuple(
    fc.constant([]),
    fc.record({ leaves: small(1), spines: small(1), hosts, 'super-spines': fc.integer({ min: 0, max: 2 }) }),
  ),
  'fat-tree': fc.tuple(fc.tuple(fc.constantFrom(2, 4)), fc.constant({})),
  random: fc
    .tuple(fc.integer({ min: 2, max: 12 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(), hosts)
    .map(([routers, share, seed, hosts]): [number[], ShapeFlags] => {
      const links = Math.round(routers - 1 + share * ((routers * (routers - 1)) / 2 - routers + 1))
      return [[routers], { degree: (2 * links) / routers, seed, hosts }]
    }),
  dumbbell: fc.tuple(fc.tuple(small(1), small(1)), fc.constant({})),
}

test('every shape is tested', () => {
  expect(Object.keys(arbitraries).sort()).toEqual(Object.keys(SHAPES).sort())
})

describe.each(Object.entries(arbitraries))('%s', (name, arbitrary) => {
  test('is connected, has no link twice, no more than was counted, and is the same again', () => {
    fc.assert(
      fc.property(arbitrary, ([numbers, flags]) => {
        const words = numbers.map(String)
        const shape = makeShape(name, words, flags)
        expect(isConnected(shape)).toBe(true)
        const pairs = shape.links.map((link) => link.toSorted().join())
        expect(new Set(pairs).size).toBe(pairs.length)
        for (const [a, b] of shape.links) expect(a).not.toBe(b)
        expect(shape.nodes.size + shape.links.length).toBeLessThanOrEqual(SHAPES[name]?.size(numbers, flags) as number)
        expect(makeShape(name, words, flags)).toEqual(shape)
        for (const [node, kind] of shape.nodes) if (kind === 'host') expect(degrees(shape).get(node)).toBe(1)
      }),
      { numRuns: 40 },
    )
  })

  test('is a topology', () => {
    fc.assert(
      fc.property(arbitrary, ([numbers, flags]) => {
        const shape = makeShape(name, numbers.map(String), flags)
        const lab = resolve(writeTopology(shape, 'lab', 'generate'))
        expect(lab.nodes.map((node) => [node.name, node.kind])).toEqual([...shape.nodes])
        expect(lab.links).toHaveLength(shape.links.length)
      }),
      { numRuns: 5 },
    )
  })
})

test('what is in them', () => {
  const sizes = (name: string, words: string[], flags: ShapeFlags = {}) => {
    const shape = makeShape(name, words, flags)
    return [count(shape, 'router'), count(shape, 'host'), shape.links.length]
  }
  expect(sizes('chain', ['5'])).toEqual([5, 5, 9])
  expect(sizes('ring', ['5'], { hosts: 0 })).toEqual([5, 0, 5])
  expect(sizes('star', ['4'])).toEqual([0, 4, 4])
  expect(sizes('full', ['5'], { hosts: 0 })).toEqual([5, 0, 10])
  expect(sizes('tree', ['2', '3'])).toEqual([4, 9, 12])
  expect(sizes('grid', ['3', '4'], { hosts: 0 })).toEqual([12, 0, 17])
  expect(sizes('torus', ['3', '4'], { hosts: 0 })).toEqual([12, 0, 24])
  expect(sizes('clos', [], { leaves: 4, spines: 2, hosts: 3, 'super-spines': 2 })).toEqual([8, 12, 24])
  expect(sizes('fat-tree', ['4'])).toEqual([20, 16, 48])
  expect(sizes('random', ['20'], { degree: 3, seed: 1, hosts: 0 })).toEqual([20, 0, 30])
  expect(sizes('dumbbell', ['2', '3'])).toEqual([2, 5, 6])
})

test('a torus and a fat tree have as many links everywhere', () => {
  expect(new Set(degrees(makeShape('torus', ['4', '5'], { hosts: 0 })).values())).toEqual(new Set([4]))
  const tree = makeShape('fat-tree', ['4'], {})
  for (const [node, degree] of degrees(tree)) expect(degree).toBe(tree.nodes.get(node) === 'host' ? 1 : 4)
})

test('another seed gives another network', () => {
  const links = (seed: number) => makeShape('random', ['30'], { degree: 3, seed }).links
  expect(links(1)).not.toEqual(links(2))
})

test.each<[string[], ShapeFlags, RegExp]>([
  [['square', '3'], {}, /no shape square/],
  [['chain'], {}, /chain takes a number: N, 1 or more/],
  [['chain', '0'], {}, /N, 1 or more/],
  [['chain', '-1'], {}, /N, 1 or more/],
  [['chain', '1e3'], {}, /N, 1 or more/],
  [['grid', '3'], {}, /2 numbers: ROWS, 1 or more; COLUMNS, 1 or more/],
  [['ring', '2'], {}, /3 or more/],
  [['star', '3'], { hosts: 1 }, /star takes no --hosts/],
  [['clos'], { leaves: 2 }, /clos needs --spines/],
  [['fat-tree', '3'], {}, /even number/],
  [['random', '5'], { degree: 5, seed: 1 }, /mean degree of 1\.6 to 4, not 5/],
  [['random', '5'], { degree: 1, seed: 1 }, /mean degree/],
  [['full', '1000'], {}, /would be 502500 nodes and links/],
  [['tree', '99', '99'], {}, /over a billion/],
  [['chain', '999999999999'], {}, /over a billion nodes and links; a lab has at most 10000 and 20000/],
  [['ring', '10001'], { hosts: 0 }, /that would be 10001 nodes and 10001 links/],
  ...['tree', 'grid', 'dumbbell'].map((shape): [string[], ShapeFlags, RegExp] => [
    [shape, '9'.repeat(400), '9'.repeat(400)],
    {},
    /over a billion/,
  ]),
  [['chian', '3'], {}, /^there is no shape chian; did you mean chain\?$/],
])('%j %j is refused', ([name = '', ...words], flags, message) => {
  expect(() => makeShape(name, words, flags)).toThrow(message)
  expect(() => makeShape(name, words, flags)).toThrow(LabError)
})

test('the usage has what must be there, and what may be', () => {
  expect(usageOf('clos')).toBe('clos --leaves L --spines S [--hosts H] [--super-spines P]')
  expect(usageOf('random')).toBe('random N --degree D --seed S [--hosts H]')
})

test.each(['123', 'true', 'null', '1e3', '0x1f', 'two-hosts'])('a lab can be called %s', (name) => {
  const shape = makeShape('chain', ['1'], {})
  expect(resolve(writeTopology(shape, name, 'generate')).name).toBe(name)
})
