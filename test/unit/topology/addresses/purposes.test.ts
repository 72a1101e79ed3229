// Addresses that are written on purpose where they would be mistakes otherwise, and the faults of what cannot work.
import { expect, test } from 'vitest'
import { nodeOf, resolve, shown } from '../support.js'

const PAIR = 'nodes: {a: {}, b: {}}\n'

test.each([
  [
    'nodes: {a: {addresses: {eth0: [192.0.2.1/0]}}, b: {}}\nlinks: [[a, b]]',
    '192.0.2.1/0 has a network of every address; write the length of the subnet',
  ],
  ['nodes: {a: {anycast: [192.0.2.1/24]}}', '192.0.2.1/24 has a subnet; an address of several nodes is one alone: /32'],
  [
    'nodes: {a: {anycast: {eth3: [192.0.2.1/32]}}, b: {}}\nlinks: [[a, b]]',
    'a has no interface eth3; did you mean eth0?',
  ],
  [
    'nodes: {a: {loopback: [192.0.2.1/32]}, b: {anycast: [192.0.2.1/32]}}\nlinks: [[a, b]]',
    '192.0.2.1/32 is an address of a:lo already, and not under `anycast` there',
  ],
  [
    'nodes: {a: {loopback: [192.0.2.1/32]}, b: {loopback: [192.0.2.1/32]}}',
    '192.0.2.1/32 is an address of a:lo already; what several nodes have on purpose is written under `anycast`',
  ],
  [
    `${PAIR}links: [{endpoints: [a, b], unnumbered: true, subnets: [192.0.2.0/24]}]`,
    'an unnumbered link has no subnets',
  ],
  [
    'families: [4]\nnodes: {a: {loopback: false}, b: {}}\nlinks: [{endpoints: [a, b], unnumbered: true}]',
    'a has no IPv4 address on lo that eth0 could have; write it under `loopback`',
  ],
  [
    'nodes: {a: {families: [4], addresses: {eth0: ["2001:db8::1/64"]}}, b: {}}\nlinks: [[a, b]]',
    '2001:db8::1/64 is an IPv6 address, and `families` of a has no 6',
  ],
  [
    'nodes: {a: {sysctls: {net.ipv6.conf.eth0.disable_ipv6: 1}, addresses: {eth0: ["2001:db8::1/64"]}}, b: {}}\nlinks: [[a, b]]',
    '2001:db8::1/64 is an IPv6 address, and a sysctl disables IPv6 on a:eth0',
  ],
  [
    'nodes: {a: {addresses: {eth0: ["2001:db8::1/64"]}}, b: {}}\nlinks: [{endpoints: [a, b], families: [4]}]',
    '2001:db8::1/64 is an IPv6 address, and `families` of the link at a:eth0 has no 6',
  ],
  [
    'nodes: {a: {}, b: {}, r: {kind: router}}\nlinks: [{endpoints: [a, r], subnets: [192.0.2.0/24], private: true}, {endpoints: [b, r], subnets: [192.0.2.0/24], private: true}]',
    '192.0.2.0/24 is the subnet of r:eth0 already',
  ],
  ['nodes: {s: {kind: switch}}\nlinks: [[s, s]]', 's would be wired to itself: a loop of switches floods for ever'],
  [
    'nodes: {a: {sysctls: {net.ipv4.conf.eth1.rp_filter: 1}}, b: {}}\nlinks: [[a, b]]',
    'a has no interface eth1; did you mean eth0?',
  ],
  ['nodes: {a: {title: ""}}', 'a title is not empty'],
  [`${PAIR}links: [{endpoints: [a, b], colour: 3}]`, 'unknown key colour; there are endpoints'],
])('%s', (text, message) => {
  const faults = shown(text)
  expect(faults).toHaveLength(1)
  expect(faults[0]).toContain(message)
})

test('a default route does not lead by way of a host', () => {
  const topology = resolve('families: [4]\nnodes: {a: {}, b: {loopback: [198.51.100.1/32]}}\nlinks: [[a, b]]')
  expect(nodeOf(topology, 'a').routes.map(({ destination }) => destination)).toEqual(['198.51.100.1/32'])
})

test('without computed routes, networks and addresses may be there twice', () => {
  const topology = resolve(
    'routing: none\nfamilies: [4]\nnodes: {a: {}, b: {}, c: {loopback: [192.0.2.9/32]}, d: {loopback: [192.0.2.9/32]}}\nlinks: [{endpoints: [a, b], subnets: [192.0.2.0/24]}, {endpoints: [c, d], subnets: [192.0.2.0/24]}]',
  )
  expect(nodeOf(topology, 'c').interfaces.map(({ addresses }) => addresses)).toEqual([
    ['192.0.2.9/32'],
    ['192.0.2.1/24'],
  ])
})

test('a node may have a single address on several interfaces', () => {
  const text = 'nodes: {a: {loopback: [192.0.2.9/32], addresses: {eth0: [192.0.2.9/32]}}, b: {}}\nlinks: [[a, b]]'
  expect(nodeOf(resolve(text), 'a').interfaces[1]?.addresses[0]).toBe('192.0.2.9/32')
})

test('pools that the file does not name give way to what it writes', () => {
  const text =
    'families: [4]\nnodes: {a: {}, r: {kind: router}, c: {}}\nlinks: [{endpoints: [a, r], subnets: [10.0.0.0/8]}, [r, c], [r]]'
  expect(nodeOf(resolve(text), 'r').interfaces.map(({ addresses }) => addresses[0])).toEqual([
    ...['192.168.0.1/32', '10.0.0.2/8', '172.16.0.0/31', '172.24.0.1/24'],
  ])
  const named = `pools: {ipv4: {lans: 172.16.0.0/12}}\n${text}`
  expect(nodeOf(resolve(named), 'r').interfaces[2]?.addresses[0]).toBe('100.64.0.0/31')
})

test('names that programs take for addresses are warned of', () => {
  expect(resolve('nodes: {10: {}, n10: {}, 1a: {}}').warnings).toEqual([
    'the name 10 is a number, which programs in nodes take for an IPv4 address; a letter makes it a name: n10',
  ])
})

test('a node without IPv6 has it disabled, and the sysctl says the same', () => {
  const topology = resolve(
    'nodes: {a: {families: [4]}, b: {sysctls: {net/ipv6/conf/default/disable_ipv6: 1}}}\nlinks: [[a, b]]',
  )
  expect(nodeOf(topology, 'a').sysctls).toMatchObject({ 'net.ipv6.conf.all.disable_ipv6': '1' })
  for (const { interfaces } of topology.nodes) expect(interfaces.flatMap(({ addresses }) => addresses)).toHaveLength(1)
})

test.each([
  ['neighbours: [{address: "fd00::9", mac: "02:00:00:00:00:09", dev: eth0}]', 'neighbours.0.address'],
  ['routes: [{to: "fd77::/64", dev: eth0}]', 'routes.0.dev'],
  ['routes: [{to: "fd77::/64", via: "fd00::9", dev: eth0, onlink: true}]', 'routes.0.via'],
  ['nexthops: {5: {dev: eth0, family: 6}}', 'nexthops.5.dev'],
])('%s is refused on a node without IPv6', (written, path) => {
  const [fault] = shown(`nodes: {a: {families: [4], ${written}}, b: {}}\nlinks: [[a, b]]`)
  expect(fault).toContain(`nodes.a.${path}: a:eth0 has no IPv6: \`families\` of a has no 6`)
})

// One entry is what the kernel keeps of two with one address.
test('an anycast address has one permanent entry on each node of the link that does not have it', () => {
  const shared = 'anycast: {eth0: [192.0.2.53/32]}'
  const topology = resolve(
    `neighbours: static\nfamilies: [4]\nnodes: {a: {}, b: {${shared}}, c: {${shared}}}\nlinks: [[a, b, c]]`,
  )
  const entriesOf = (name: string) => nodeOf(topology, name).neighbours.map(({ address, mac }) => `${address} ${mac}`)
  const macOf = (name: string) => nodeOf(topology, name).interfaces[1]?.mac
  expect(entriesOf('a').filter((entry) => entry.startsWith('192.0.2.53'))).toEqual([`192.0.2.53 ${macOf('b')}`])
  expect(entriesOf('a')).toHaveLength(3)
  expect(entriesOf('b').filter((entry) => entry.startsWith('192.0.2.53'))).toEqual([])
})
