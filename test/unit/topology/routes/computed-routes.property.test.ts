// What computed routes must do in every topology, tried on random ones: cost least, and stay the same when compressed.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ResolvedTopology } from '../../../../src/model/resolved.js'
import { resolveTopology } from '../../../../src/topology/resolve.js'
import { parseTopology } from '../../../../src/topology/source/parse.js'
import { runs } from '../../../support/effort.js'
import { Forwarding } from './forwarding.js'

interface Link {
  a: number
  b: number
  cost: number
}

interface Shape {
  routers: number
  hosts: number[]
  links: Link[]
}

/** Routers in one piece, each link with a cost of its own, and hosts on them. */
const shapes = fc
  .record({
    routers: fc.array(fc.nat(), { minLength: 2, maxLength: 12 }),
    extra: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 12 }),
    costs: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 30, maxLength: 30 }),
    hosts: fc.array(fc.nat(), { maxLength: 4 }),
  })
  .map(({ routers, extra, costs, hosts }): Shape => {
    const tree = routers.slice(1).map((number, at) => [number % (at + 1), at + 1] as const)
    const more = extra.map(([a, b]) => [a % routers.length, b % routers.length] as const).filter(([a, b]) => a !== b)
    const links = [...tree, ...more].map(([a, b], at) => ({ a, b, cost: costs[at] ?? 1 }))
    return { routers: routers.length, hosts: hosts.map((number) => number % routers.length), links }
  })

const textOf = ({ routers, hosts, links }: Shape, header: string): string =>
  [
    header,
    'nodes:',
    ...Array.from({ length: routers }, (_, at) => `  r${at}: { kind: router }`),
    ...hosts.map((_, at) => `  h${at}: {}`),
    'links:',
    ...links.map(({ a, b, cost }) => `  - { endpoints: [r${a}, r${b}], cost: ${cost} }`),
    ...hosts.map((router, at) => `  - [h${at}, r${router}]`),
  ].join('\n')

const resolve = (text: string): ResolvedTopology => resolveTopology(parseTopology(text))

const bare = (cidr: string): string => cidr.slice(0, cidr.indexOf('/'))

const addressesOf = ({ nodes }: ResolvedTopology): string[] =>
  nodes.flatMap(({ interfaces }) => interfaces.flatMap(({ addresses }) => addresses.map(bare)))

const countOf = ({ nodes }: ResolvedTopology): number => nodes.reduce((sum, { routes }) => sum + routes.length, 0)

/** Bellman and Ford: least cost from each router to one. */
function leastCosts({ routers, links }: Shape, target: number): number[] {
  const costs = Array.from({ length: routers }, (_, at) => (at === target ? 0 : Number.POSITIVE_INFINITY))
  for (let round = 0; round < routers; round++) {
    for (const { a, b, cost } of links) {
      costs[a] = Math.min(costs[a] as number, (costs[b] as number) + cost)
      costs[b] = Math.min(costs[b] as number, (costs[a] as number) + cost)
    }
  }
  return costs
}

test('both families are routed as each is alone, alike or not', () => {
  fc.assert(
    fc.property(
      shapes,
      fc.constantFrom('always', 'never'),
      fc.boolean(),
      fc.boolean(),
      (shape, compress, isAlike, isInOrder) => {
        // Below the links' addresses, where those of IPv4 are above.
        const pools = isInOrder ? '' : '\npools: {ipv6: {loopbacks: "fc00::/112"}}'
        const routesOf = (families: string, first: string) =>
          resolve(
            textOf(shape, `families: ${families}\ncompress: ${compress}${families === '[4]' ? '' : pools}`).replace(
              'r0: { kind: router',
              `r0: { ${first}kind: router`,
            ),
          ).nodes.map(({ routes }) => routes)
        // One destination of IPv4 more than of IPv6.
        const first = isAlike ? '' : 'loopback: [198.51.100.1/32, 198.51.100.3/32], '
        const both = routesOf('[4, 6]', first)
        const ofFamily = (family: number) => both.map((routes) => routes.filter((route) => route.family === family))
        expect(ofFamily(4)).toEqual(routesOf('[4]', first))
        expect(ofFamily(6)).toEqual(routesOf('[6]', ''))
      },
    ),
    runs(25),
  )
})

test('every path costs the least there is', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const topology = resolve(textOf(shape, ''))
      const forwarding = new Forwarding(topology)
      const costs = new Map(
        topology.links.flatMap(({ endpoints }, index) =>
          endpoints.map((end) => [`${end.node}:${end.interface}`, shape.links[index]?.cost ?? 1] as const),
        ),
      )
      const costOf = (node: string, name: string): number => costs.get(`${node}:${name}`) as number
      for (let target = 0; target < shape.routers; target++) {
        const lo = topology.nodes[target]?.interfaces.find(({ name }) => name === 'lo')?.addresses ?? []
        const least = leastCosts(shape, target)
        for (let from = 0; from < shape.routers; from++) {
          for (const address of lo) {
            expect([...forwarding.costs(`r${from}`, bare(address), costOf)]).toEqual([least[from]])
          }
        }
      }
    }),
    runs(40),
  )
})

test('every one of the cheapest ways is used', () => {
  // r0 ── r1 ── r3 by two links of cost 1; r0 ── r2 ── r3 costs the same by one of 2; r0 ── r3 costs more.
  const topology = resolve(
    textOf(
      {
        routers: 4,
        hosts: [],
        links: [
          { a: 0, b: 1, cost: 1 },
          { a: 0, b: 1, cost: 1 },
          { a: 1, b: 3, cost: 2 },
          { a: 0, b: 2, cost: 2 },
          { a: 2, b: 3, cost: 1 },
          { a: 0, b: 3, cost: 4 },
        ],
      },
      '',
    ),
  )
  const [target] = topology.nodes[3]?.interfaces.find(({ name }) => name === 'lo')?.addresses ?? []
  const hops = new Forwarding(topology).nextHopsOf('r0', bare(target as string))
  expect(hops.map((hop) => hop.interface)).toEqual(['eth0', 'eth1', 'eth2'])
})

test('a compressed table sends to every address where the plain one does, and is not longer', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const plain = resolve(textOf(shape, 'compress: never'))
      const small = resolve(textOf(shape, 'compress: always'))
      expect(addressesOf(small)).toEqual(addressesOf(plain))
      expect(countOf(small)).toBeLessThanOrEqual(countOf(plain))
      const [before, after] = [new Forwarding(plain), new Forwarding(small)]
      for (const { name } of plain.nodes) {
        for (const address of addressesOf(plain)) {
          expect(after.nextHopsOf(name, address), `${name} to ${address}`).toEqual(before.nextHopsOf(name, address))
        }
      }
    }),
    runs(40),
  )
})

const chain = (length: number, header = ''): string =>
  [
    header,
    'nodes:',
    ...Array.from({ length }, (_, at) => `  r${at}: { kind: router }`),
    'links:',
    ...Array.from({ length: length - 1 }, (_, at) => `  - [r${at}, r${at + 1}]`),
  ].join('\n')

const longest = ({ nodes }: ResolvedTopology): number => Math.max(...nodes.map(({ routes }) => routes.length))

describe('compress', () => {
  test('auto: up to 200 routes of a family are plain, more are compressed', () => {
    // Each has routes to the others' loopbacks and to all links but its own.
    expect(longest(resolve(chain(101, 'families: [4]')))).toBe(199)
    expect(longest(resolve(chain(103, 'families: [4]')))).toBeLessThan(20)
    expect(longest(resolve(chain(103, 'families: [4]\ncompress: never')))).toBe(203)
    expect(longest(resolve(chain(6, 'families: [4]\ncompress: always')))).toBeLessThan(9)
  })

  test('auto sends to every address where never does, also with blocks of addresses', () => {
    const [plain, small] = [resolve(chain(150, 'compress: never')), resolve(chain(150))]
    expect(countOf(small)).toBeLessThan(countOf(plain) / 20)
    const [before, after] = [new Forwarding(plain), new Forwarding(small)]
    for (const name of ['r0', 'r1', 'r75', 'r149']) {
      for (const address of addressesOf(plain)) {
        expect(after.nextHopsOf(name, address)).toEqual(before.nextHopsOf(name, address))
      }
    }
  })

  test('a table with a route of the user’s stays plain, so that the route means what it did', () => {
    const text = chain(110, 'families: [4]').replace(
      'r0: { kind: router }',
      'r0: { kind: router, routes: [{ to: 192.0.2.0/24, type: blackhole }] }',
    )
    const { nodes } = resolve(text)
    expect(nodes[0]?.routes).toHaveLength(218)
    expect(nodes[1]?.routes.length).toBeLessThan(30)
  })

  test('what cannot be reached has no route, nor one that covers it', () => {
    const links = textOf({ routers: 6, hosts: [], links: [] }, 'compress: always\nfamilies: [4]')
    const topology = resolve(`${links}\n  - [r0, r2]\n  - [r2, r4]\n  - [r1, r3]\n  - [r3, r5]`)
    const forwarding = new Forwarding(topology)
    const lo = (at: number) =>
      bare(topology.nodes[at]?.interfaces.find(({ name }) => name === 'lo')?.addresses[0] ?? '')
    for (const near of [2, 4]) expect(forwarding.nextHopsOf('r0', lo(near))).toHaveLength(1)
    for (const far of [1, 3, 5]) {
      const hops = (): unknown[] => forwarding.nextHopsOf('r0', lo(far))
      try {
        expect(hops()).toEqual([])
      } catch (error) {
        expect((error as Error).message).toContain('has no route')
      }
    }
  })
})

test('forty equal ways are forty next hops', () => {
  const middle = Array.from({ length: 40 }, (_, at) => `m${at}`)
  const text = [
    'nodes:',
    ...['a', 'b', ...middle].map((name) => `  ${name}: { kind: router }`),
    'links:',
    ...middle.flatMap((name) => [`  - [a, ${name}]`, `  - [${name}, b]`]),
  ].join('\n')
  for (const compress of ['always', 'never']) {
    const topology = resolve(`${text}\ncompress: ${compress}`)
    const [target] = topology.nodes[1]?.interfaces.find(({ name }) => name === 'lo')?.addresses ?? []
    expect(new Forwarding(topology).nextHopsOf('a', bare(target as string))).toHaveLength(40)
  }
})

test("a node and a link at the end of a large lab change nobody else's addresses", () => {
  fc.assert(
    fc.property(fc.nat(99), fc.constantFrom('{}', '{ kind: router }'), (other, body) => {
      const text = chain(100)
      const before = resolve(text)
      const after = resolve(`${text.replace('\nlinks:', `\n  new: ${body}\nlinks:`)}\n  - [new, r${other}]`)
      for (const [at, { interfaces }] of before.nodes.entries()) {
        expect(after.nodes[at]?.interfaces.slice(0, interfaces.length)).toEqual(interfaces)
      }
    }),
    runs(4),
  )
})
