// Forms of a link: a pair, a map, ends with settings of their own, and a LAN of more than two.
import { expect, test } from 'vitest'
import { linksOf, nodeOf, resolve, shown } from '../support.js'

const interfaceOf = (lab: ReturnType<typeof resolve>, node: string, name: string) =>
  nodeOf(lab, node).interfaces.find((each) => each.name === name)

// a ─┬─ b     a link of three is a LAN
//    c
test('a link of more than two is a LAN with a switch of its own', () => {
  const lab = resolve('nodes: {a: {}, b: {}, c: {}}\nlinks: [[a, b], ["a:lan", b, c]]')
  expect(linksOf(lab)).toEqual(['a:eth0–b:eth0', 'a:lan–lan1:eth0', 'b:eth1–lan1:eth1', 'c:eth0–lan1:eth2'])
  expect(nodeOf(lab, 'lan1')).toMatchObject({ kind: 'switch' })
  expect(['a', 'b', 'c'].map((node) => nodeOf(lab, node).interfaces.at(-1)?.addresses[0])).toEqual([
    '10.128.0.1/24',
    '10.128.0.2/24',
    '10.128.0.3/24',
  ])
})

test("a LAN's subnets and MTU are those of all its links, and its name is the switch's", () => {
  const lab = resolve(
    'nodes: {a: {}, b: {}, c: {}}\nlinks: [{name: office, endpoints: [a, b, c], subnets: [192.0.2.0/24], mtu: 9000}]',
  )
  expect(lab.links.map(({ mtu, name }) => [mtu, name])).toEqual([
    [9000, null],
    [9000, null],
    [9000, null],
  ])
  expect(interfaceOf(lab, 'office', 'br0')?.mtu).toBe(9000)
  expect(interfaceOf(lab, 'c', 'eth0')?.addresses[0]).toBe('192.0.2.3/24')
})

test('switches of LANs are named in the order of LANs, and never like a node; adding one at the end renames none', () => {
  const text =
    'nodes: {a: {}, b: {}, c: {}, lan2: {}}\nlinks:\n- [a, b, c]\n- [a, b, c]\n- {name: x, endpoints: [a, b, c]}\n- [a, b, c]\n'
  const switches = (more = '') =>
    resolve(text + more)
      .nodes.filter(({ kind }) => kind === 'switch')
      .map(({ name }) => name)
  expect(switches()).toEqual(['lan1', 'lan2-2', 'x', 'lan3'])
  expect(switches('- [b, c, lan2]').slice(0, 4)).toEqual(switches())
})

test('a repeated LAN', () => {
  const lab = resolve(
    'nodes: {"h{i}-{j}": {repeat: {i: 2, j: 3}}}\nlinks: [{repeat: 2, name: "lan-{i}", endpoints: ["h{i}-1", "h{i}-2", "h{i}-3"]}]',
  )
  expect(lab.nodes.filter(({ kind }) => kind === 'switch').map(({ name }) => name)).toEqual(['lan-1', 'lan-2'])
})

test('a bridge has as many ports as Linux gives it', () => {
  const lan = (count: number) =>
    `nodes: {s: {kind: switch}, "h{i}": {repeat: ${count}}}\nlinks: [{repeat: ${count}, endpoints: [s, "h{i}"]}]`
  expect(resolve(lan(1023)).links).toHaveLength(1023)
  expect(shown(lan(1024))).toEqual(['1:9 nodes.s: a bridge has at most 1023 ports, and s:br0 would have 1024'])
  const members = Array.from({ length: 1024 }, (_, at) => `eth${at}`)
  expect(
    shown(
      `nodes: {a: {interfaces: {br: {kind: bridge, members: [${members}]}}}, b: {}}\nlinks: [{endpoints: [a, b], count: 1024}]`,
    ),
  ).toEqual(['1:26 nodes.a.interfaces.br: a bridge has at most 1023 ports, and a:br would have 1024'])
})

test('an end can have an interface, addresses, a MAC address and an MTU of its own', () => {
  const lab = resolve(`
nodes: { h1: {}, r1: { kind: router } }
links:
  - name: uplink
    endpoints:
      - { node: h1, interface: wan0, addresses: [192.0.2.10/24], mac: 02:00:00:00:00:AA, mtu: 1400 }
      - r1
`)
  expect(lab.links).toEqual([
    {
      name: 'uplink',
      endpoints: [
        { node: 'h1', interface: 'wan0' },
        { node: 'r1', interface: 'eth0' },
      ],
      mtu: 1400,
    },
  ])
  expect(interfaceOf(lab, 'h1', 'wan0')).toMatchObject({
    mac: '02:00:00:00:00:aa',
    mtu: 1400,
    addresses: ['192.0.2.10/24', 'fd00::/127'],
  })
  expect(interfaceOf(lab, 'r1', 'eth0')).toMatchObject({ mtu: 1500, addresses: ['192.0.2.1/24', 'fd00::1/127'] })
})

test('the nearest word about an MTU wins: the end, the interface, the link, the node', () => {
  const lab = resolve(`
nodes:
  a: { mtu: 9000 }
  b: { mtu: { eth1: 2000, eth2: 2000 } }
links: [[a, b], { endpoints: [a, b], mtu: 3000 }, { endpoints: [a, { node: b, mtu: 1300 }], mtu: 3000 }]
`)
  const mtus = (node: string) =>
    nodeOf(lab, node)
      .interfaces.slice(1)
      .map(({ mtu }) => mtu)
  expect(mtus('a')).toEqual([9000, 3000, 3000])
  expect(mtus('b')).toEqual([1500, 2000, 1300])
  expect(lab.links.map(({ mtu }) => mtu)).toEqual([1500, 2000, 1300])
})

test('a computed MAC address is never one that is written', () => {
  const computed = interfaceOf(resolve('nodes: {a: {}, b: {}}\nlinks: [[a, b]]'), 'a', 'eth0')?.mac as string
  const lab = resolve(`nodes: {a: {}, b: {mac: {eth0: "${computed}"}}}\nlinks: [[a, b]]`)
  expect(interfaceOf(lab, 'b', 'eth0')?.mac).toBe(computed)
  expect(interfaceOf(lab, 'a', 'eth0')?.mac).not.toBe(computed)
})

const ends = (a: string, b = 'b') => `nodes: {a: {}, b: {}}\nlinks:\n- endpoints:\n  - ${a}\n  - ${b}`

test.each([
  [ends('{node: x}'), '4:12 links.0.endpoints.0.node: there is no node x'],
  [ends('{interface: e0}'), '4:5 links.0.endpoints.0.node: the key `node` is missing'],
  [ends('{node: a, interfce: e0}'), '4:15 links.0.endpoints.0.interfce: unknown key interfce; did you mean interface?'],
  [
    ends('{node: a, mac: 2:0:0:0:0:1}'),
    '4:20 links.0.endpoints.0.mac: 2:0:0:0:0:1 is not a MAC address such as 02:00:00:00:00:01',
  ],
  [
    ends('{node: a, mac: 01:00:00:00:00:01}'),
    "4:20 links.0.endpoints.0.mac: 01:00:00:00:00:01 is a group's MAC address",
  ],
  [
    ends('{node: a, mac: 00:00:00:00:00:00}'),
    '4:20 links.0.endpoints.0.mac: no interface can have a MAC address of zeros',
  ],
  [
    ends('{node: a, mac: 02:00:00:00:00:01}', '{node: b, mac: 02:00:00:00:00:01}'),
    '5:20 links.0.endpoints.1.mac: 02:00:00:00:00:01 is the MAC address of a:eth0 already, on the same network',
  ],
  [ends('{node: a, mtu: 1000}'), '4:20 links.0.endpoints.0.mtu: IPv6 needs an mtu of 1280 or more'],
  ['nodes: {a: {mtu: 1000}, b: {}}\nlinks: [[a, b], [a, b]]', '1:18 nodes.a.mtu: IPv6 needs an mtu of 1280 or more'],
  [
    'nodes: {a: {mac: {eth1: "02:00:00:00:00:01"}}, b: {}}\nlinks: [[a, b]]',
    '1:19 nodes.a.mac.eth1: a has no link at an interface eth1; did you mean eth0?',
  ],
  [
    'nodes: {a: {mtu: {constructor: 1500}}, b: {}}\nlinks: [[a, b]]',
    '1:19 nodes.a.mtu.constructor: a has no link at an interface constructor; it has eth0',
  ],
  [
    'nodes: {a: {addresses: {eth0: [192.0.2.1/24]}}, b: {}}\nlinks:\n- [{node: a, addresses: [192.0.2.2/24]}, b]',
    '3:25 links.0.endpoints.0.addresses: the addresses of a:eth0 are written under `nodes` already',
  ],
  [
    'nodes: {s: {kind: switch}, b: {}}\nlinks:\n- [{node: s, addresses: [192.0.2.2/24]}, b]',
    '3:25 links.0.endpoints.0.addresses: s is a switch; its ports have no addresses',
  ],
  [
    'nodes: {a: {}, b: {}, c: {}}\nlinks: [{name: a, endpoints: [a, b, c]}]',
    '2:16 links.0.name: the switch of this LAN would be called a, and there is a node of that name',
  ],
  [
    'nodes: {a: {}, b: {}, c: {}}\nlinks: [{name: x, endpoints: [a, b]}, {name: x, endpoints: [b, c]}]',
    '2:46 links.1.name: x is the name of another link already',
  ],
  ['nodes: {a: {}, b: {}, c: {}}\nlinks: [[a, b, d]]', '2:16 links.0.endpoints.2: there is no node d'],
  [
    'nodes: {a: {}, b: {}, c: {}}\nlinks: [{name: [], endpoints: [a, b, c]}]',
    '2:16 links.0.name: expected a text, got a list',
  ],
  ['nodes: {a: {}, b: {}}\nlinks: [{endpoints: a}]', '2:21 links.0.endpoints: expected a list, got "a"'],
])('%s', (text, fault) => {
  const faults = shown(text)
  expect(faults).toHaveLength(1)
  expect(faults[0]).toContain(fault)
})
