// What is computed from what is written. The golden files are the whole resolved topology of three shipped files.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { ResolvedTopology } from '../../../src/model/resolved.js'
import { neighbourWarnings } from '../../../src/topology/addresses/neighbours.js'
import { nodeAddress } from '../../../src/topology/addresses/node-address.js'
import { resolveTopology } from '../../../src/topology/resolve.js'
import { parseTopology } from '../../../src/topology/source/parse.js'
import { Forwarding } from './routes/forwarding.js'

const SHIPPED = new URL('../../../topologies/', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, SHIPPED), 'utf8')
const resolve = (text: string): ResolvedTopology => resolveTopology(parseTopology(text))

const nodeOf = (topology: ResolvedTopology, name: string) => {
  const node = topology.nodes.find((each) => each.name === name)
  if (!node) throw new Error(`no node ${name}`)
  return node
}

const addressesOf = (topology: ResolvedTopology): Record<string, string[]> =>
  Object.fromEntries(
    topology.nodes.flatMap(({ name, interfaces }) =>
      interfaces.map((each) => [`${name}:${each.name}`, each.addresses]),
    ),
  )

const routesOf = (topology: ResolvedTopology, name: string): string[] =>
  nodeOf(topology, name).routes.map(
    ({ destination, nextHops }) =>
      `${destination} ${nextHops.map((hop) => `${hop.gateway} ${hop.interface}`).join(' | ')}`,
  )

// Not called .json: the formatter would rewrite them, and the comparison is byte for byte.
test.each(['two-hosts', 'two-routers', 'ipv6-only'])('%s.yaml resolves to its golden file', async (name) => {
  const golden = `../../fixtures/topology/${name}.golden`
  await expect(`${JSON.stringify(resolve(read(`${name}.yaml`)), null, 2)}\n`).toMatchFileSnapshot(golden)
})

describe.each(readdirSync(SHIPPED).filter((file) => file.endsWith('.yaml')))('%s', (file) => {
  test('every host reaches every other, and the drawing is at the top', () => {
    expect(read(file)).toMatch(/^# .*\n#\n# {3}/)
    const topology = resolve(read(file))
    const hosts = topology.nodes.filter(({ kind }) => kind === 'host')
    const forwarding = new Forwarding(topology)
    for (const from of hosts) {
      for (const to of hosts) {
        const addresses = ([4, 6] as const).flatMap((family) => nodeAddress(to, family) ?? [])
        expect(addresses.length).toBeGreaterThan(0)
        for (const address of addresses) expect(forwarding.hops(from.name, address).size).toBe(1)
      }
    }
  })
})

test('of more equal paths than a route has next hops, the first are used', () => {
  const lab = resolve('nodes: {"r{i}": {kind: router, repeat: 2}}\nlinks: [{endpoints: [r1, r2], count: 300}]')
  const [route] = nodeOf(lab, 'r1').routes
  expect(route?.nextHops.map((hop) => hop.interface)).toEqual(Array.from({ length: 256 }, (_, at) => `eth${at}`))
})

// a ── s ── r ── b
test('what is not written comes from pools: pairs, LANs and loopbacks each from their own', () => {
  const lab = resolve('nodes: {a: {}, s: {kind: switch}, r: {kind: router}, b: {}}\nlinks: [[a, s], [s, r], [r, b]]')
  expect(addressesOf(lab)).toMatchObject({
    'a:eth0': ['10.128.0.1/24', 'fd00:1::1/64'],
    'r:eth0': ['10.128.0.2/24', 'fd00:1::2/64'],
    'r:eth1': ['10.0.0.0/31', 'fd00::/127'],
    'b:eth0': ['10.0.0.1/31', 'fd00::1/127'],
    'r:lo': ['10.255.0.1/32', 'fd00:ffff::1/128'],
    's:br0': [],
    's:eth0': [],
  })
})

test('what is written wins: the whole link moves to the subnet of the address, one family at a time', () => {
  const lab = resolve('nodes: {a: {addresses: {eth0: [192.0.2.10/24]}}, b: {}}\nlinks: [[a, b]]')
  expect(addressesOf(lab)).toMatchObject({
    'a:eth0': ['192.0.2.10/24', 'fd00::/127'],
    'b:eth0': ['192.0.2.1/24', 'fd00::1/127'],
  })
})

test('computed prefixes step over written ones', () => {
  const lab = resolve(
    'nodes: {a: {}, b: {}, c: {}, d: {}}\nlinks: [[a, b], [b, c], {endpoints: [c, d], subnets: [10.0.0.0/30, "fd00::2/127"]}]',
  )
  expect(addressesOf(lab)).toMatchObject({
    'a:eth0': ['10.0.0.4/31', 'fd00::/127'],
    'b:eth1': ['10.0.0.6/31', 'fd00::4/127'],
    'c:eth1': ['10.0.0.1/30', 'fd00::2/127'],
  })
})

test('a link may have several subnets, a LAN more hosts than a /24, an interface no address at all', () => {
  const several = resolve(
    'nodes: {a: {}, b: {}}\nlinks: [{endpoints: [a, b], subnets: [192.0.2.0/24, 198.51.100.0/24]}]',
  )
  expect(addressesOf(several)['b:eth0']).toEqual(['192.0.2.2/24', '198.51.100.2/24', 'fd00::1/127'])
  const hosts = Array.from({ length: 300 }, (_, at) => `h${at}`)
  const large = resolve(
    `nodes: {s: {kind: switch}, t: {kind: switch}, a: {}, ${hosts.map((name) => `${name}: {}`)}}\nlinks: [${hosts.map((name) => `[${name}, s]`)}, [t, a]]`,
  )
  expect(addressesOf(large)['h299:eth0']?.[0]).toMatch(/\/23$/)
  expect(addressesOf(large)['a:eth0']).toEqual(['10.128.1.1/24', 'fd00:1:0:1::1/64'])
  expect(addressesOf(resolve('nodes: {a: {addresses: {eth0: []}}, b: {}}\nlinks: [[a, b]]'))['a:eth0']).toEqual([])
})

//  h1 … hN ── s     big ── t     z ── u
test('a LAN that outgrows its /24 moves nobody else', () => {
  const lab = (hosts: number) =>
    addressesOf(
      resolve(`nodes: {"{i}": {kind: switch, repeat: [s, t, u]}, "h{i}": {repeat: ${hosts}}, "b{i}": {repeat: 300}, z: {}}
links: [{repeat: ${hosts}, endpoints: ["h{i}", s]}, {repeat: 300, endpoints: ["b{i}", t]}, [z, u]]`),
    )
  const [small, large] = [lab(254), lab(255)]
  expect(small['h254:eth0']?.[0]).toBe('10.128.0.254/24')
  expect(large['h254:eth0']?.[0]).toMatch(/\/23$/)
  expect(small['z:eth0']).toEqual(['10.128.2.1/24', 'fd00:1:0:2::1/64'])
  expect(large['z:eth0']).toEqual(small['z:eth0'])
})

test('loopbacks can be written, like other addresses too, or left out', () => {
  const lab = resolve(
    'nodes: {a: {loopback: [192.0.2.1/32]}, b: {kind: router, loopback: false}, c: {kind: router, loopback: [192.0.2.3/32]}, d: {addresses: {lo: [192.0.2.4/32]}}}',
  )
  expect(addressesOf(lab)).toEqual({
    'a:lo': ['192.0.2.1/32'],
    'b:lo': [],
    'c:lo': ['192.0.2.3/32', 'fd00:ffff::1/128'],
    'd:lo': ['192.0.2.4/32'],
  })
})

test('a lab can have one family, and then needs nothing of the other', () => {
  const four = resolve('families: [4]\nnodes: {a: {}, b: {}}\nlinks: [{endpoints: [a, b], mtu: 600}]')
  expect(addressesOf(four)['a:eth0']).toEqual(['10.0.0.0/31'])
  expect(Object.keys(nodeOf(four, 'a').sysctls).filter((key) => key.startsWith('net.ipv6'))).toEqual([])
})

test('interfaces are numbered in order of appearance, around names that are written', () => {
  const lab = resolve('nodes: {a: {}, b: {}}\nlinks: [[a, b], ["a:eth1", "b:up"], [a, b]]')
  expect(lab.links.map(({ endpoints }) => endpoints.map((end) => `${end.node}:${end.interface}`))).toEqual([
    ['a:eth0', 'b:eth0'],
    ['a:eth1', 'b:up'],
    ['a:eth2', 'b:eth1'],
  ])
})

test('a node may have a link to itself', () => {
  const lab = resolve('nodes: {a: {}}\nlinks: [[a, a]]')
  expect(addressesOf(lab)).toMatchObject({
    'a:eth0': ['10.0.0.0/31', 'fd00::/127'],
    'a:eth1': ['10.0.0.1/31', 'fd00::1/127'],
  })
})

test("a bridge has the smallest MTU of its ports, a link's ends both have its MTU", () => {
  const lab = resolve('nodes: {s: {kind: switch}, a: {}, b: {}}\nlinks: [[a, s], {endpoints: [b, s], mtu: 1400}]')
  expect(nodeOf(lab, 's').interfaces.map(({ name, mtu, master }) => [name, mtu, master])).toEqual([
    ['lo', 65536, null],
    ['br0', 1400, null],
    ['eth0', 1500, 'br0'],
    ['eth1', 1400, 'br0'],
  ])
})

//         ┌── r2 ──┐
//   h1 ── r1       r3 ── h2
//         └── r4 ──┘
test('equal paths are one route with two next hops; routers have a route a subnet, hosts a default', () => {
  const lab = resolve(read('ring.yaml'))
  expect(routesOf(lab, 'r1').filter((line) => line.startsWith('10.0.0.10'))).toEqual([
    '10.0.0.10/31 10.0.0.3 eth1 | 10.0.0.8 eth2',
  ])
  expect(routesOf(lab, 'h1')).toEqual(['0.0.0.0/0 10.0.0.1 eth0', '::/0 fd00::1 eth0'])
})

test('with routing: none there are the routes that are written, and no others', () => {
  const lab = resolve(
    'routing: none\nnodes: {a: {routes: [{to: default, via: 10.0.0.1}, {to: "2001:db8::/32", dev: eth0}]}, r: {kind: router}}\nlinks: [[a, r]]',
  )
  expect(routesOf(lab, 'a')).toEqual(['0.0.0.0/0 10.0.0.1 eth0', '2001:db8::/32 null eth0'])
  expect(routesOf(lab, 'r')).toEqual([])
})

test('a written route takes the place of the computed one', () => {
  const lab = resolve(
    'nodes: {a: {routes: [{to: default, via: 10.0.0.1}]}, r: {kind: router}, b: {}}\nlinks: [[a, r], [r, b]]',
  )
  expect(routesOf(lab, 'a')).toEqual(['0.0.0.0/0 10.0.0.1 eth0', '::/0 fd00::1 eth0'])
})

// a ── b ── r ── c, where b is a host with an address of its own and does not forward
test("a host's loopback can be reached through it alone", () => {
  const lab = resolve(
    'nodes: {a: {}, b: {loopback: [192.0.2.1/32]}, r: {kind: router}, c: {}}\nlinks: [[a, b], [b, r], [r, c]]',
  )
  expect(routesOf(lab, 'c')).toContain('0.0.0.0/0 10.0.0.4 eth0')
  expect(routesOf(lab, 'r')).toContain('192.0.2.1/32 10.0.0.2 eth0')
  expect(new Forwarding(lab).hops('c', '192.0.2.1')).toEqual(new Set([1]))
})

//      ┌── r1 ──┐
// h ───┤        ├─── r3     where h's bridge to r1 is down
//      └── r2 ──┘
test('nothing is routed by an interface that is down, from either side', () => {
  const down = (node: string) => `${node}: {interfaces: {br5: {kind: bridge, members: [eth0], up: false}}`
  const rest = 'r1: {kind: router}, r2: {kind: router}, r3: {kind: router}'
  const lab = resolve(`nodes: {${down('h')}}, ${rest}}\nlinks: [[h, r1], [h, r2], [r1, r3], [r2, r3]]`)
  expect(routesOf(lab, 'h')).toEqual(['0.0.0.0/0 10.0.0.1 eth1', '::/0 fd00::1 eth1'])
  expect(routesOf(resolve(`nodes: {${down('h')}}, r1: {kind: router}}\nlinks: [[h, r1]]`), 'h')).toEqual([])
  const routers = resolve(
    `nodes: {${down('r0')}, kind: router}, ${rest}}\nlinks: [[r0, r1], [r0, r2], [r1, r2], [r2, r3]]`,
  )
  expect(routesOf(routers, 'r1')).toContain('10.255.0.1/32 10.0.0.3 eth1')
})

test('/etc/hosts has every node and every interface; a router is its loopback', () => {
  expect(resolve(read('two-routers.yaml')).hosts).toBe(
    [
      '127.0.0.1\tlocalhost',
      '::1\tlocalhost ip6-localhost ip6-loopback',
      'ff02::1\tip6-allnodes',
      'ff02::2\tip6-allrouters',
      '10.0.0.0\th1 h1-eth0',
      'fd00::\th1 h1-eth0',
      '10.255.0.1\tr1',
      'fd00:ffff::1\tr1',
      '10.0.0.1\tr1-eth0',
      'fd00::1\tr1-eth0',
      '10.0.0.2\tr1-eth1',
      'fd00::2\tr1-eth1',
      '10.255.0.2\tr2',
      'fd00:ffff::2\tr2',
      '10.0.0.3\tr2-eth0',
      'fd00::3\tr2-eth0',
      '10.0.0.4\tr2-eth1',
      'fd00::4\tr2-eth1',
      '10.0.0.5\th2 h2-eth0',
      'fd00::5\th2 h2-eth0',
      '',
    ].join('\n'),
  )
})

test('link-local addresses may repeat on other links, and no name stands for them', () => {
  const end = '{addresses: {eth0: ["fe80::1/64"]}}'
  const lab = resolve(`nodes: {a: ${end}, b: {}, c: ${end}}\nlinks: [[a, b], [c, b]]`)
  expect(addressesOf(lab)['a:eth0']).toEqual(['10.0.0.0/31', 'fe80::1/64', 'fd00::/127'])
  expect(lab.hosts).not.toContain('fe80::1')
  expect(nodeAddress(nodeOf(lab, 'a'), 6)).toBe('fd00::')
})

test('sysctls that the user writes win over those every node gets', () => {
  const lab = resolve('nodes: {a: {sysctls: {net.ipv4.ip_forward: true, net.core.somaxconn: 99}}}')
  expect(nodeOf(lab, 'a').sysctls).toMatchObject({ 'net.ipv4.ip_forward': '1', 'net.core.somaxconn': '99' })
  expect(nodeOf(lab, 'a').sysctls['net.ipv6.conf.all.forwarding']).toBe('0')
})

test('nodes keep the order of the file, whatever they are called', () => {
  expect(resolve('nodes: {b: {}, 10: {}, 9: {}}').nodes.map(({ name }) => name)).toEqual(['b', '10', '9'])
})

test('every example of the documentation is accepted', () => {
  const page = readFileSync(new URL('../../../docs/topology.md', import.meta.url), 'utf8')
  const examples = [...page.matchAll(/^```yaml\n([\s\S]*?)^```/gm)]
  expect(examples.length).toBeGreaterThan(5)
  for (const [, text = ''] of examples) resolve(text)
})

const lan = (count: number, header = '') => {
  const hosts = Array.from({ length: count }, (_, at) => `h${at}`)
  const links = hosts.map((name) => `[${name}, s]`)
  return `${header}nodes: {s: {kind: switch}, ${hosts.map((name) => `${name}: {}`)}}\nlinks: [${links}]`
}

const fullMesh = (count: number, header = '') => {
  const routers = Array.from({ length: count }, (_, at) => `r${at}`)
  const links = routers.flatMap((a, at) => routers.slice(0, at).map((b) => `[${a}, ${b}]`))
  return `${header}nodes: {${routers.map((name) => `${name}: {kind: router}`)}}\nlinks: [${links}]`
}

const tables = (ipv4: number, ipv6: number, entries = { ipv4: 0, ipv6: 0 }) => ({ ipv4, ipv6, entries })

describe('where a neighbour table would overflow', () => {
  const resolveOn = (text: string, neighbourTables = tables(10_000, 1024)) =>
    resolveTopology(parseTopology(text), { neighbourTables })
  const families = ({ nodes }: ResolvedTopology) =>
    new Set(nodes.flatMap(({ neighbours }) => neighbours.map(({ address }) => (address.includes(':') ? 6 : 4))))

  test('the nodes of a large LAN have permanent entries of that family alone, and a note says so', () => {
    expect(families(resolveOn(lan(32)))).toEqual(new Set())
    const large = resolveOn(lan(34))
    expect(families(large)).toEqual(new Set([6]))
    expect(nodeOf(large, 'h0').neighbours).toHaveLength(33)
    expect(large.neighbourEntries).toEqual({ ipv4: 1122, ipv6: 0 })
    expect(large.notes).toEqual([expect.stringMatching(/permanent IPv6 neighbour entries.*`neighbours: dynamic`/)])
  })

  test('links between routers count twice for IPv6, since each end learns the link-local address of the other too', () => {
    expect(resolveOn(fullMesh(22)).neighbourEntries).toEqual({ ipv4: 462, ipv6: 924 })
    expect(families(resolveOn(fullMesh(22)))).toEqual(new Set())
    expect(families(resolveOn(fullMesh(24)))).toEqual(new Set([6]))
    expect(families(resolveOn(fullMesh(40), tables(1024, 1024)))).toEqual(new Set([4, 6]))
  })

  test('a LAN too large for permanent entries is left to ND, and a warning names the sysctl', () => {
    const huge = resolveOn(lan(400))
    expect(families(huge)).toEqual(new Set())
    expect(huge.notes).toBeUndefined()
    expect(neighbourWarnings(huge, tables(1_000_000, 1024))).toEqual([
      expect.stringMatching(/159600 IPv6 .*sysctl -w net\.ipv6\.neigh\.default\.gc_thresh3=319200.*neighbours: static/),
    ])
  })

  test('`neighbours: dynamic` has no entries and a warning, `static` entries and no warning', () => {
    const limits = tables(10_000, 1024)
    const dynamic = resolveOn(lan(34, 'neighbours: dynamic\n'))
    expect([families(dynamic), dynamic.notes]).toEqual([new Set(), undefined])
    expect(neighbourWarnings(dynamic, limits)).toEqual([expect.stringMatching(/1122 IPv6 .*gc_thresh3=2244/)])
    const fixed = resolveOn(lan(34, 'neighbours: static\n'))
    expect([families(fixed), fixed.notes]).toEqual([new Set([4, 6]), undefined])
    expect(neighbourWarnings(fixed, limits)).toEqual([])
  })

  test('entries of others count, and so does a table that they fill over half', () => {
    const pair = (header = '') => `${header}nodes: {a: {}, b: {}}\nlinks: [[a, b]]`
    const crowded = tables(1024, 1024, { ipv4: 512, ipv6: 600 })
    expect(families(resolveOn(pair(), crowded))).toEqual(new Set([6]))
    expect(families(resolveOn(lan(24), tables(1024, 1024, { ipv4: 0, ipv6: 500 })))).toEqual(new Set([6]))
    expect(neighbourWarnings(resolveOn(pair('neighbours: dynamic\n'), crowded), crowded)).toEqual([
      'this lab needs up to 2 IPv6 neighbour entries, and the machine has room for 1024, 600 of them taken by others: first ' +
        'packets may be lost; raise it with `sysctl -w net.ipv6.neigh.default.gc_thresh3=2048`, or write `neighbours: static`',
    ])
    expect(neighbourWarnings(resolveOn(pair('neighbours: dynamic\nfamilies: [4]\n'), crowded), crowded)).toEqual([])
  })
})

test('a label is the text that it is written as; a sysctl that is true is 1', () => {
  const text = 'nodes: {a: {labels: {monitored: true, rack: 12}, sysctls: {net.ipv4.ip_forward: true}}}'
  const { labels, sysctls } = nodeOf(resolve(text), 'a')
  expect(labels).toEqual({ monitored: 'true', rack: '12' })
  expect(sysctls['net.ipv4.ip_forward']).toBe('1')
})

test('a lab with more permanent neighbours than anybody has room for is refused, with the place', () => {
  const hosts = Array.from({ length: 600 }, (_, index) => `h${index + 1}`)
  const text = `neighbours: static\nnodes: {"h{i}": {repeat: 600}}\nlinks: [[${hosts.join(', ')}]]\n`
  expect(() => resolveTopology(parseTopology(text))).toThrow(
    expect.objectContaining({
      issues: [
        expect.objectContaining({
          line: 1,
          message: 'the nodes of this lab would have over 500000 permanent neighbours; `neighbours: auto` makes fewer',
        }),
      ],
    }),
  )
})
