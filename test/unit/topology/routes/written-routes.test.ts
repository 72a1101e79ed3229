// Routes, next-hop objects, rules and neighbours that are written: what they become, and what is refused where.
import { describe, expect, test } from 'vitest'
import { planLab } from '../../../../src/plan/build.js'
import { explain } from '../../../../src/plan/say/explain.js'
import { nodeOf, resolve, shown } from '../support.js'

const node = (own: string) => `nodes: {a: {${own}}, b: {}}\nlinks: [[a, b], [a, b]]`
const route = (own: string) => node(`routes: [{${own}}]`)

const commandsOf = (text: string): string[] =>
  explain(planLab(resolve(text)))
    .filter((op) => op.node === 'a' && /^(?:route|nexthop|rule|neighbour)/.test(op.op))
    .map(({ command }) => command)

describe('what is written is the command that iproute2 takes', () => {
  test.each([
    [
      route('to: 192.0.2.0/24, nexthops: [{via: 10.0.0.1, weight: 3}, {via: 10.0.0.3}], source: 10.0.0.2, metric: 7'),
      'ip -n a route add 192.0.2.0/24 proto static src 10.0.0.2 metric 7 nexthop via 10.0.0.1 dev eth0 weight 3 nexthop via 10.0.0.3 dev eth1',
    ],
    [
      route('to: "2001:db8::/32", type: prohibit, table: 100'),
      'ip -6 -n a route add prohibit 2001:db8::/32 proto static table 100',
    ],
    [
      route('to: default, via: "fd00::1", metric: 5'),
      'ip -6 -n a route add ::/0 proto static metric 5 via fd00::1 dev eth0',
    ],
    [node('rules: [{from: 10.9.0.0/16, table: 100}]'), 'ip -n a rule add priority 10000 from 10.9.0.0/16 table 100'],
    [
      node('rules: [{to: 10.9.0.0/16, fwmark: 0x10/0xff, iif: eth0, action: blackhole, priority: 7}]'),
      'ip -n a rule add blackhole priority 7 to 10.9.0.0/16 fwmark 16/255 iif eth0',
    ],
    [
      node('neighbours: [{address: 10.0.0.3, mac: "02:00:00:00:00:0A"}]'),
      'ip -n a neighbour add 10.0.0.3 lladdr 02:00:00:00:00:0a dev eth1 nud permanent',
    ],
  ])('%s', (text, command) => {
    expect(commandsOf(text)).toEqual([command])
  })

  test('next-hop objects come before the routes that use them, groups after their members', () => {
    const text = node(
      'nexthops: {1: {group: {7: 1, 8: 4}}, 7: {via: 10.0.0.1}, 8: {via: 10.0.0.3}, 9: {blackhole: true, family: 6}}, routes: [{to: 192.0.2.0/24, nhid: 1}]',
    )
    expect(commandsOf(text)).toEqual([
      'ip -n a nexthop add id 7 via 10.0.0.1 dev eth0 proto static',
      'ip -n a nexthop add id 8 via 10.0.0.3 dev eth1 proto static',
      'ip -6 -n a nexthop add id 9 blackhole proto static',
      'ip -n a nexthop add id 1 group 7/8,4 proto static',
      'ip -n a route add 192.0.2.0/24 proto static nhid 1',
    ])
  })

  test('a rule that does not tell its family is one of each', () => {
    expect(commandsOf(node('rules: [{table: 7}]'))).toEqual([
      'ip -n a rule add priority 10000 from all table 7',
      'ip -6 -n a rule add priority 10000 from all table 7',
    ])
  })

  test('rules of one priority that differ are both there', () => {
    const rules = ['{from: 10.0.0.0/8, ', '{from: 10.0.0.0/9, ', '{fwmark: 16, ', '{fwmark: 16/0xff, ', '{']
    expect(
      commandsOf(node(`rules: [${rules.map((rule) => `${rule}table: 5, priority: 7}`).join(', ')}]`)),
    ).toHaveLength(8)
  })

  test('a route out of a VRF is in its table', () => {
    const text = node(
      'interfaces: {red: {kind: vrf, table: 77, members: [eth1]}}, routes: [{to: 192.0.2.0/24, via: 10.0.0.3}, {to: 192.0.2.0/24, via: 10.0.0.1}]',
    )
    expect(commandsOf(text)).toEqual([
      'ip -n a route add 192.0.2.0/24 proto static table 77 via 10.0.0.3 dev eth1',
      'ip -n a route add 192.0.2.0/24 proto static via 10.0.0.1 dev eth0',
    ])
  })
})

test('a route in another table, or with another metric, takes no place of another', () => {
  const lab = resolve(
    'nodes: {a: {routes: [{to: default, via: 10.0.0.1, table: 5}, {to: 192.0.2.0/24, via: 10.0.0.1}, {to: 192.0.2.0/24, via: 10.0.0.1, metric: 9}]}, r: {kind: router}, b: {}}\nlinks: [[a, r], [r, b]]',
  )
  const ipv4 = nodeOf(lab, 'a').routes.filter(({ family }) => family === 4)
  expect(ipv4.map(({ destination, table, metric }) => [destination, table, metric])).toEqual([
    ['0.0.0.0/0', 5, undefined],
    ['192.0.2.0/24', undefined, undefined],
    ['192.0.2.0/24', undefined, 9],
    ['0.0.0.0/0', undefined, undefined],
  ])
})

test('a written neighbour takes the place of the computed one', () => {
  const lab = resolve(`neighbours: static\n${node('neighbours: [{address: 10.0.0.1, mac: "02:00:00:00:00:0a"}]')}`)
  const entries = nodeOf(lab, 'a').neighbours.filter(({ address }) => address === '10.0.0.1')
  expect(entries).toEqual([{ interface: 'eth0', address: '10.0.0.1', mac: '02:00:00:00:00:0a' }])
})

test('nothing is computed to leave by an interface that stays down', () => {
  const lab = resolve(
    'nodes: {a: {interfaces: {br0: {kind: bridge, members: [eth0], up: false}}}, r: {kind: router}, b: {}}\nlinks: [[a, r], [r, b]]',
  )
  expect(nodeOf(lab, 'a').routes).toEqual([])
  expect(nodeOf(lab, 'b').routes.map(({ destination }) => destination)).toEqual(['0.0.0.0/0', '::/0'])
})

test('the same next hop twice is right in IPv4, and a blackhole alone in a group', () => {
  const nexthops = 'nexthops: {1: {blackhole: true}, 2: {group: {1: 1}}}'
  expect(
    commandsOf(node(`${nexthops}, routes: [{to: 192.0.2.0/24, nexthops: [{via: 10.0.0.1}, {via: 10.0.0.1}]}]`)),
  ).toHaveLength(3)
})

describe('refused', () => {
  test.each([
    [
      route('to: 192.0.2.0/24, via: 10.0.0.1, nhid: 1'),
      '1:62 nodes.a.routes.0.nhid: a route has `via` or `nhid`, not both',
    ],
    [
      route('to: 192.0.2.0/24, dev: eth0, nexthops: [{via: 10.0.0.1}]'),
      '1:62 nodes.a.routes.0.nexthops: a route has `dev` or `nexthops`, not both',
    ],
    [route('to: 192.0.2.0/24, nhid: 1'), '1:47 nodes.a.routes.0.nhid: a has no next hop 1; write it under `nexthops`'],
    [
      route('to: 192.0.2.0/24, type: blackhole, via: 10.0.0.1'),
      '1:63 nodes.a.routes.0.via: a blackhole route leads nowhere, so it has no `via`',
    ],
    [
      route('to: 192.0.2.0/24, type: blackhole, dev: eth0'),
      '1:63 nodes.a.routes.0.dev: a blackhole route leads nowhere, so it has no `dev`',
    ],
    [
      route('to: default, type: blackhole'),
      '1:27 nodes.a.routes.0.to: a blackhole route is to 0.0.0.0/0 or ::/0, since `default` does not tell which',
    ],
    [
      route('to: 192.0.2.0/24, type: blackhol'),
      '1:47 nodes.a.routes.0.type: expected unicast, blackhole, unreachable or prohibit, got "blackhol"; did you mean blackhole?',
    ],
    [route('to: 192.0.2.0/24, nexthops: []'), '1:51 nodes.a.routes.0.nexthops: a route has at least one next hop'],
    [
      route('to: 192.0.2.0/24, nexthops: [{via: 10.0.0.1, weight: 0}]'),
      '1:76 nodes.a.routes.0.nexthops.0.weight: a weight is 1 to 256',
    ],
    [
      route('to: 192.0.2.0/24, nexthops: [{via: 10.0.0.1, weight: 257}]'),
      '1:76 nodes.a.routes.0.nexthops.0.weight: a weight is 1 to 256',
    ],
    [
      route('to: 192.0.2.0/24, nexthops: [{via: 10.0.0.1}, {via: 10.9.0.1}]'),
      '1:75 nodes.a.routes.0.nexthops.1.via: 10.9.0.1 is on no subnet of a; `onlink: true` with `dev` takes it to be on the link',
    ],
    [
      route('to: 192.0.2.0/24, nexthops: [{via: 10.0.0.1}, {via: "fd00::1"}]'),
      '1:75 nodes.a.routes.0.nexthops.1.via: fd00::1 and 192.0.2.0/24 are of different families',
    ],
    [
      route('to: default, nexthops: [{via: 10.0.0.1}, {via: "fd00::1"}]'),
      '1:70 nodes.a.routes.0.nexthops.1.via: fd00::1 and the other next hop are of different families',
    ],
    [
      route('to: default, nexthops: [{dev: eth0}]'),
      '1:47 nodes.a.routes.0.nexthops.0: a route to `default` needs `via`, the address of its next hop',
    ],
    [
      route('to: 192.0.2.0/24, nexthops: [{via: 10.0.0.1, dev: eth7}]'),
      '1:73 nodes.a.routes.0.nexthops.0.dev: a has no interface eth7; did you mean eth0?',
    ],
    [
      route('to: 192.0.2.0/24, via: 10.0.0.1, source: 10.0.0.1'),
      '1:64 nodes.a.routes.0.source: 10.0.0.1 is no address of a',
    ],
    [
      route('to: 192.0.2.0/24, via: 10.0.0.1, source: "fd00::"'),
      '1:64 nodes.a.routes.0.source: fd00:: is no IPv4 address',
    ],
    [route('to: 192.0.2.0/24, via: 10.0.0.1, metric: -1'), '1:64 nodes.a.routes.0.metric: a metric is 0 to 4294967295'],
    [route('to: 192.0.2.0/24, via: 10.0.0.1, table: 0'), '1:63 nodes.a.routes.0.table: a table is 1 to 4294967295'],
    [
      route('to: 192.0.2.0/24, via: 10.0.0.1, tabel: 3'),
      '1:56 nodes.a.routes.0.tabel: unknown key tabel; did you mean table?',
    ],
    [
      node('routes: [{to: 192.0.2.0/24, via: 10.0.0.1, table: 5}, {to: 192.0.2.0/24, via: 10.0.0.3, table: 5}]'),
      '1:72 nodes.a.routes.1.to: a has a route to 192.0.2.0/24, table 5 already',
    ],
    ...[
      [`via: 10.0.0.1`, `via: 10.0.0.3, metric: 0`, '192.0.2.0/24'],
      [`via: "fd00::1"`, `via: "fd00::3", metric: 1024`, '"2001:db8::/32"'],
      [`via: "fd00::1", metric: 0`, `via: "fd00::3"`, '"2001:db8::/32"'],
    ].map(([first, second, to = '']): [string, string] => {
      const text = node(`routes: [{${first}, to: ${to}}, {to: ${to}, ${second}}]`)
      const column = text.lastIndexOf('to: ') + 'to: '.length + 1
      return [text, `1:${column} nodes.a.routes.1.to: a has a route to ${to.replaceAll('"', '')} already`]
    }),
    [
      route('to: "fd00::/127", dev: eth1, metric: 256'),
      '1:27 nodes.a.routes.0.to: a has a route to fd00::/127, metric 256 already',
    ],
    [
      route('to: "2001:db8::/32", nexthops: [{via: "fd00::1"}, {via: "fd00::1", weight: 2}]'),
      '1:73 nodes.a.routes.0.nexthops.1: fd00::1 is a next hop of this route already; `weight` is its share',
    ],
    [
      route('to: "2001:db8::/32", nexthops: [{via: "fd00::1"}, {dev: eth1}]'),
      '1:73 nodes.a.routes.0.nexthops.1: in IPv6, each of several next hops needs `via`, its address',
    ],
    [
      node('addresses: {eth0: [192.0.2.1/24]}, routes: [{to: default, via: 192.0.2.255}]'),
      '1:76 nodes.a.routes.0.via: 192.0.2.255 is the broadcast address of its network',
    ],
    [
      node(
        'interfaces: {t: {kind: tun, up: false, addresses: [192.0.2.1/24]}}, routes: [{to: default, via: 192.0.2.2}]',
      ),
      '1:109 nodes.a.routes.0.via: t is down (`up: false`), so nothing is sent to 192.0.2.2',
    ],
    [
      node('interfaces: {t: {kind: tun, up: false}}, routes: [{to: 192.0.2.0/24, dev: t}]'),
      '1:87 nodes.a.routes.0.dev: t is down (`up: false`), so nothing is sent by it',
    ],
    [
      node('nexthops: {1: {via: 10.0.0.1}, 2: {blackhole: true}, 3: {group: {1: 1, 2: 1}}}'),
      '1:84 nodes.a.nexthops.3.group.2: next hop 2 is a blackhole, which can only be in a group alone',
    ],
    [node('nexthops: {1: {}}'), '1:24 nodes.a.nexthops.1: a next hop has `via`, `dev`, `blackhole` or `group`'],
    [
      node('nexthops: {1: {via: 10.0.0.1, blackhole: true}}'),
      '1:24 nodes.a.nexthops.1: a next hop has `via` and `dev`, or `blackhole`, or `group`',
    ],
    [
      node('nexthops: {1: {via: 10.9.0.1}}'),
      '1:33 nodes.a.nexthops.1.via: 10.9.0.1 is on no subnet of a; `onlink: true` with `dev` takes it to be on the link',
    ],
    [node('nexthops: {1: {dev: eth7}}'), '1:33 nodes.a.nexthops.1.dev: a has no interface eth7; did you mean eth0?'],
    [
      node('nexthops: {x: {dev: eth0}}'),
      '1:24 nodes.a.nexthops.x: x: the id of a next hop is a number, 1 to 4294967295',
    ],
    [
      node('nexthops: {0: {dev: eth0}}'),
      '1:24 nodes.a.nexthops.0: 0: the id of a next hop is a number, 1 to 4294967295',
    ],
    [
      node('nexthops: {5000000000: {dev: eth0}}'),
      '1:24 nodes.a.nexthops.5000000000: 5000000000: the id of a next hop is a number, 1 to 4294967295',
    ],
    [
      node('nexthops: {1: {via: 10.0.0.1}, 2: {group: {1: 1, 3: 1}}}'),
      '1:62 nodes.a.nexthops.2.group.3: there is no next hop 3',
    ],
    [
      node('nexthops: {1: {via: 10.0.0.1}, 2: {group: {1: 1}}, 3: {group: {2: 1}}}'),
      '1:76 nodes.a.nexthops.3.group.2: 2 is a group, which cannot be in a group',
    ],
    [
      node('nexthops: {1: {via: 10.0.0.1}, 2: {via: "fd00::1"}, 3: {group: {1: 1, 2: 1}}}'),
      '1:83 nodes.a.nexthops.3.group.2: next hops 1 and 2 are of different families',
    ],
    [node('nexthops: {1: {group: {}}}'), '1:35 nodes.a.nexthops.1.group: a group has at least one member'],
    [
      node('nexthops: {1: {via: 10.0.0.1}}, routes: [{to: 192.0.2.0/24, nhid: 2}]'),
      '1:79 nodes.a.routes.0.nhid: a has no next hop 2; it has 1',
    ],
    [
      node('nexthops: {1: {via: 10.0.0.1}}, routes: [{to: "2001:db8::/32", nhid: 1}]'),
      '1:82 nodes.a.routes.0.nhid: next hop 1 is of IPv4, and the destination of IPv6',
    ],
    [node('rules: [{from: 192.0.2.0/24}]'), '1:21 nodes.a.rules.0: a rule needs `table` or `action`'],
    [
      node('rules: [{from: 192.0.2.0/24, table: 5, action: prohibit}]'),
      '1:60 nodes.a.rules.0.action: a rule has `table` or `action`, not both',
    ],
    [
      node('rules: [{from: 192.0.2.0/24, to: "2001:db8::/32", table: 5}]'),
      '1:46 nodes.a.rules.0.to: this is of another family than `from`',
    ],
    [
      node('rules: [{from: 192.0.2.0/24, family: 6, table: 5}]'),
      '1:50 nodes.a.rules.0.family: this is of another family than `from`',
    ],
    [
      node('rules: [{from: 192.0.2.1/24, table: 5}]'),
      '1:28 nodes.a.rules.0.from: 192.0.2.1/24 has host bits set; the network is 192.0.2.0/24',
    ],
    [node('rules: [{iif: eth7, table: 5}]'), '1:27 nodes.a.rules.0.iif: a has no interface eth7; did you mean eth0?'],
    [node('rules: [{fwmark: 0x100000000, table: 5}]'), '1:30 nodes.a.rules.0.fwmark: a mark is 0 to 4294967295'],
    [
      node('rules: [{fwmark: here, table: 5}]'),
      '1:30 nodes.a.rules.0.fwmark: here is not MARK or MARK/MASK, such as 16 or 0x10/0xff',
    ],
    [node('rules: [{priority: 4294967296, table: 5}]'), '1:32 nodes.a.rules.0.priority: a priority is 0 to 4294967295'],
    [
      node('rules: [{from: 192.0.2.0/24, table: 5, priority: 7}, {table: 5, priority: 7, from: 192.0.2.0/24}]'),
      '1:66 nodes.a.rules.1: this is the same rule as number 1 of them, with the same priority',
    ],
    [
      node(
        'rules: [{fwmark: 0x10, table: 5, priority: 7}, {fwmark: 16/0xffffffff, from: 0.0.0.0/0, table: 5, priority: 7}]',
      ),
      '1:60 nodes.a.rules.1: this is the same rule as number 1 of them, with the same priority',
    ],
    [
      node(
        'neighbours: [{address: 10.0.0.1, mac: "02:00:00:00:00:0A"}, {address: 10.0.0.1, mac: "02:00:00:00:00:0B", dev: eth0}]',
      ),
      '1:83 nodes.a.neighbours.1.address: 10.0.0.1 has the MAC address 02:00:00:00:00:0a already',
    ],
    [
      node('neighbours: [{address: 10.0.0.1, mac: x}]'),
      '1:51 nodes.a.neighbours.0.mac: x is not a MAC address such as 02:00:00:00:00:01',
    ],
    [
      node('neighbours: [{address: 10.9.0.1, mac: "02:00:00:00:00:01"}]'),
      '1:36 nodes.a.neighbours.0.address: 10.9.0.1 is on no subnet of the node; write `dev`, its interface',
    ],
    [
      node('neighbours: [{address: 10.0.0.0, mac: "02:00:00:00:00:01"}]'),
      '1:36 nodes.a.neighbours.0.address: 10.0.0.0 is an address of the node itself',
    ],
    [
      node('neighbours: [{address: 10.0.0.1, mac: "02:00:00:00:00:01", dev: eth7}]'),
      '1:77 nodes.a.neighbours.0.dev: a has no interface eth7; did you mean eth0?',
    ],
  ])('%s', (text, fault) => {
    expect(shown(text)).toEqual([fault])
  })
})

test.each([
  ['routes: [{to: 192.0.2.0/24, via: default}]', 'routes.0.via'],
  ['routes: [{to: default, via: default}]', 'routes.0.via'],
  ['routes: [{to: 192.0.2.0/24, nexthops: [{via: default}, {via: 10.0.0.3}]}]', 'routes.0.nexthops.0.via'],
  ['routes: [{to: "default:eth0", via: 10.0.0.1}]', 'routes.0.to'],
  ['nexthops: {5: {via: default}}', 'nexthops.5.via'],
  ['rules: [{from: default, table: 5}]', 'rules.0.from'],
  ['rules: [{to: default, table: 5}]', 'rules.0.to'],
  ['neighbours: [{address: default, mac: "02:00:00:00:00:0a"}]', 'neighbours.0.address'],
  ['dns: [default]', 'dns.0'],
])('`default` is no address: %s', (own, path) => {
  const faults = shown(node(own))
  expect(faults).toHaveLength(1)
  expect(faults[0]).toMatch(/ (\S+): .*\bdefault\b/)
  expect(faults[0]).toContain(` nodes.a.${path}: `)
})

test('no node is called default, which would be two things as a destination', () => {
  expect(shown('nodes: {default: {}, b: {}}')).toEqual([
    '1:9 nodes.default: default: no node can have this name, which is a destination of routes',
  ])
})

test('a route that names a node is refused where the node has no address family', () => {
  expect(
    shown('families: [6]\nnodes: {a: {families: [4], routes: [{to: b, via: b}]}, b: {}}\nlinks: [[a, b]]'),
  ).toEqual(['2:42 nodes.a.routes.0.to: a has no address family of the lab'])
})
