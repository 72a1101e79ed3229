// What must hold for every topology, tried on random ones.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ResolvedTopology } from '../../../src/model/resolved.js'
import { nodeAddress } from '../../../src/topology/addresses/node-address.js'
import { resolveTopology } from '../../../src/topology/resolve.js'
import { parseTopology } from '../../../src/topology/source/parse.js'
import { runs } from '../../support/effort.js'
import { Forwarding } from './routes/forwarding.js'

interface Shape {
  routers: number
  switches: number
  hosts: number
  links: [string, string][]
}

/**
 * A connected core of routers (a tree and some more links, parallel ones too), switches that hang on routers or on each
 * other, and hosts with one or two links to anything.
 */
const shapes = fc
  .record({
    routers: fc.array(fc.nat(), { minLength: 1, maxLength: 8 }),
    extra: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 5 }),
    switches: fc.array(fc.nat(), { maxLength: 4 }),
    uplinks: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 3 }),
    hosts: fc.array(fc.array(fc.nat(), { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 6 }),
  })
  .map(({ routers, extra, switches, uplinks, hosts }): Shape => {
    const router = (number: number) => `r${number % routers.length}`
    const core = [...routers.keys()].map((number) => `r${number}`)
    const bridges = [...switches.keys()].map((number) => `s${number}`)
    const anywhere = [...core, ...bridges]
    const links: [string, string][] = []
    routers.forEach((number, at) => {
      if (at > 0) links.push([`r${number % at}`, `r${at}`])
    })
    for (const [a, b] of extra) if (router(a) !== router(b)) links.push([router(a), router(b)])
    switches.forEach((number, at) => {
      links.push([anywhere[number % (core.length + at)] as string, `s${at}`])
    })
    for (const [a, b] of uplinks) if (bridges.length > 0) links.push([router(a), bridges[b % bridges.length] as string])
    hosts.forEach((list, at) => {
      for (const number of list) links.push([`h${at}`, anywhere[number % anywhere.length] as string])
    })
    return { routers: routers.length, switches: switches.length, hosts: hosts.length, links }
  })

const names = (letter: string, count: number) => Array.from({ length: count }, (_, at) => `${letter}${at}`)

/** Hosts with an address of their own: they can be reached, and still do not forward. */
const loopback = (number: number) => `{ loopback: [192.0.2.${number}/32, "2001:db8::${number}/128"] }`

const textOf = ({ routers, switches, hosts, links }: Shape, header = ''): string =>
  [
    header,
    'nodes:',
    ...names('r', routers).map((name) => `  ${name}: { kind: router }`),
    ...names('s', switches).map((name) => `  ${name}: { kind: switch }`),
    ...names('h', hosts).map((name, at) => `  ${name}: ${at % 2 === 0 ? '{}' : loopback(at)}`),
    'links:',
    ...links.map(([a, b]) => `  - [${a}, ${b}]`),
  ].join('\n')

const resolve = (text: string): ResolvedTopology => resolveTopology(parseTopology(text))

test('from every node, every name of a host or router can be reached, over a shortest path, on both families', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const topology = resolve(textOf(shape))
      const forwarding = new Forwarding(topology)
      const ends = topology.nodes.filter(({ kind }) => kind !== 'switch')
      for (const from of ends) {
        for (const to of ends) {
          const own = to.interfaces.filter(({ name }) => name === 'lo').flatMap(({ addresses }) => addresses)
          const targets = [nodeAddress(to, 4), nodeAddress(to, 6), ...own.map((each) => each.split('/')[0])]
          for (const address of targets) {
            const counts = forwarding.hops(from.name, address as string)
            expect(counts.size, `${from.name} → ${to.name}: all paths are of one length`).toBe(1)
          }
        }
      }
    }),
    runs(30),
  )
})

test('addresses and MACs are unique in a lab, interface indexes in a node and on a link', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const { nodes, links } = resolve(textOf(shape))
      const interfaces = nodes.flatMap((node) => node.interfaces)
      const all = [interfaces.flatMap(({ addresses }) => addresses.map((each) => each.split('/')[0]))]
      all.push(interfaces.flatMap(({ mac }) => mac ?? []))
      for (const list of all) expect(new Set(list).size).toBe(list.length)
      for (const node of nodes)
        expect(new Set(node.interfaces.map(({ index }) => index)).size).toBe(node.interfaces.length)
      const find = (node: string, name: string) =>
        nodes.find((each) => each.name === node)?.interfaces.find((each) => each.name === name)
      for (const { endpoints } of links) {
        const [a, b] = endpoints.map((end) => find(end.node, end.interface)?.index)
        expect(a).toBeGreaterThan(15)
        expect(b).toBeGreaterThan(15)
        expect(a).not.toBe(b)
      }
      for (const mac of interfaces.flatMap(({ mac }) => mac ?? [])) expect(mac).toMatch(/^02(:[0-9a-f]{2}){5}$/)
    }),
    runs(40),
  )
})

test('the same text gives the same lab, byte for byte', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      expect(JSON.stringify(resolve(textOf(shape)))).toBe(JSON.stringify(resolve(textOf(shape))))
    }),
    runs(40),
  )
})

test("a node and a link at the end change nobody else's interfaces", () => {
  const grown = fc.tuple(shapes, fc.nat(), fc.constantFrom('{}', '{ kind: router }', '{ kind: switch }'))
  fc.assert(
    fc.property(grown, ([shape, at, body]) => {
      const before = resolve(textOf(shape))
      const anchor = before.nodes.filter(({ kind }) => kind !== 'switch' || body !== '{ kind: switch }')
      const other = anchor[at % anchor.length]?.name
      const text = textOf(shape).replace('\nlinks:', `\n  new: ${body}\nlinks:`)
      const after = resolve(`${text}\n  - [new, ${other}]`)
      for (const node of before.nodes) {
        const interfaces = after.nodes.find(({ name }) => name === node.name)?.interfaces ?? []
        expect(interfaces.slice(0, node.interfaces.length)).toEqual(node.interfaces)
      }
    }),
    runs(40),
  )
})

test('static neighbours are every address on the segments of a node but its own', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const topology = resolve(textOf(shape, 'neighbours: static'))
      const macs = new Map(
        topology.nodes.flatMap(({ interfaces }) =>
          interfaces.flatMap(({ addresses, mac }) => addresses.map((each) => [each.split('/')[0], mac] as const)),
        ),
      )
      for (const { neighbours } of topology.nodes) {
        for (const { address, mac } of neighbours) expect(macs.get(address)).toBe(mac)
      }
      expect(topology.neighbourEntries).toEqual({ ipv4: 0, ipv6: 0 })
    }),
    runs(40),
  )
})
