// What the topology language says about addresses and values, carried out as root and as an ordinary user: pings pass, and the
// kernel has what is written.
import { expect, onTestFinished } from 'vitest'
import { test as base, type Cli, uniqueName } from '../../../support/lab.js'
import { ip } from '../../../support/node-ip.js'
import { TestUser } from '../../../support/user.js'

const UID = 61_013

/** Runs a test as root, and as an ordinary user. */
function test(name: string, run: (nslab: Cli) => void): void {
  base(`${name}, as root`, ({ nslab }) => run(nslab))
  base(`${name}, as an ordinary user`, () => {
    using user = new TestUser(UID)
    run((args, options) => user.nslab(args, options))
  })
}

/** Brings a lab up. */
function up(nslab: Cli, topology: string): any {
  const result = nslab(['up', '-', '--name', uniqueName('lang'), '--json'], { input: topology })
  expect(result, result.stderr).toMatchObject({ status: 0 })
  onTestFinished(() => void nslab(['down', '--all']))
  return result.json()
}

/** Checks that every host reaches every other one, by both families. */
function reachesAll(nslab: Cli): void {
  for (const family of ['-4', '-6']) {
    const result = nslab(['ping', '--all', family])
    expect(result, result.stdout).toMatchObject({ status: 0 })
  }
}

const answersOf = (nslab: Cli, node: string, to: string): number =>
  nslab(['ping', node, to, '-c', '1', '--json']).json().received

//   a ── g ── lan ┬─ h
//                 └─ v     a and v have single addresses
test('single addresses are reached, and reach others, on the link and beyond', (nslab) => {
  up(
    nslab,
    `
nodes:
  a: { addresses: { eth0: [192.0.2.1/32, "2001:db8::1/128"] } }
  g: { kind: router }
  h: {}
  v: { addresses: { eth0: [198.51.100.9/32, "2001:db8::9/128"] } }
links: [[a, g], { name: lan, endpoints: [g, h, v] }]`,
  )
  reachesAll(nslab)
  expect(ip(nslab, 'a', 'route', 'show', 'default')).toMatchObject([
    { gateway: '10.0.0.0', dev: 'eth0', flags: ['onlink'] },
  ])
  expect(ip(nslab, 'h', 'route', 'show', '198.51.100.9')).toMatchObject([{ dev: 'eth0', scope: 'link' }])
})

//   a ── b
test('two single addresses on a link reach each other', (nslab) => {
  up(
    nslab,
    `
nodes:
  a: { addresses: { eth0: [192.0.2.1/32, "2001:db8::1/128"] } }
  b: { addresses: { eth0: [198.51.100.2/32, "2001:db8::2/128"] } }
links: [[a, b]]`,
  )
  reachesAll(nslab)
})

//   h ── r1 ══ r2 ── r3 ── k     between routers, and to k, no link has a subnet
test('unnumbered links borrow the addresses of loopbacks', (nslab) => {
  up(
    nslab,
    `
defaults: { link: { unnumbered: true } }
nodes: { "r{i}": { kind: router, repeat: 3 }, h: {}, k: {} }
links: [{ endpoints: [h, r1], unnumbered: false }, { endpoints: [r1, r2], count: 2 }, [r2, r3], [r3, k]]`,
  )
  reachesAll(nslab)
  const [route] = ip(nslab, 'r1', 'route', 'show', '10.255.0.3')
  expect(route.nexthops).toMatchObject([
    { gateway: '10.255.0.2', dev: 'eth1', flags: ['onlink'] },
    { gateway: '10.255.0.2', dev: 'eth2', flags: ['onlink'] },
  ])
})

//   d1 ── r1 ── r2 ── r3 ── d2     d1 and d2 have one address in common
test('an anycast address leads to the nearest of its nodes', (nslab) => {
  up(
    nslab,
    `
nodes:
  "r{i}": { kind: router, repeat: 3 }
  d1: { anycast: [192.0.2.53/32, "2001:db8::53/128"], hosts: { dns: 192.0.2.53 } }
  d2: { anycast: { eth0: [192.0.2.53/32, "2001:db8::53/128"] } }
  h: { hosts: { dns: [192.0.2.53, "2001:db8::53"] } }
links: [[r1, r2], [r2, r3], [d1, r1], [d2, r3], [h, r3]]`,
  )
  reachesAll(nslab)
  expect(answersOf(nslab, 'h', '192.0.2.53')).toBe(1)
  expect(answersOf(nslab, 'h', '2001:db8::53')).toBe(1)
  expect(ip(nslab, 'r1', 'route', 'get', '192.0.2.53')[0].dev).toBe('eth1')
  expect(ip(nslab, 'r2', 'route', 'get', '192.0.2.53')[0]).toHaveProperty('gateway')
  expect(ip(nslab, 'r3', 'route', 'get', '2001:db8::53')[0].dev).toBe('eth1')
})

//   a ── r1 ── r2 ── b     the networks of a and b are the same
test('a private network may be there twice', (nslab) => {
  up(
    nslab,
    `
nodes: { r1: { kind: router }, r2: { kind: router }, a: {}, b: {} }
links:
  - [r1, r2]
  - { endpoints: [r1, a], subnets: [192.168.1.0/24], private: true }
  - { endpoints: [r2, b], subnets: [192.168.1.0/24], private: true }`,
  )
  expect(answersOf(nslab, 'a', 'r1')).toBe(1)
  expect(answersOf(nslab, 'b', 'r2')).toBe(1)
  expect(answersOf(nslab, 'r1', 'r2')).toBe(1)
  expect(ip(nslab, 'a', 'addr', 'show', 'eth0')[0].addr_info[0]).toMatchObject({ local: '192.168.1.2' })
  expect(ip(nslab, 'b', 'addr', 'show', 'eth0')[0].addr_info[0]).toMatchObject({ local: '192.168.1.2' })
  expect(ip(nslab, 'r2', 'route', 'show', '192.168.1.0/24')).toMatchObject([{ protocol: 'kernel', dev: 'eth1' }])
})

//   r ── lan ┬─ four        d ── r by IPv6 alone
//            ├─ none
//            └─ both
test('nodes and links have the families that they name', (nslab) => {
  up(
    nslab,
    `
nodes:
  r: { kind: router }
  four: { families: [4] }
  none: { sysctls: { net.ipv6.conf.all.disable_ipv6: 1 } }
  both: {}
  d: {}
links:
  - { name: lan, endpoints: [r, four, none, both] }
  - { endpoints: [d, r], families: [6] }
  - { endpoints: [both, r], families: [4] }`,
  )
  const families = (node: string, name: string) =>
    ip(nslab, node, 'addr', 'show', name)[0].addr_info.map((each: any) => `${each.family} ${each.scope}`)
  expect(families('four', 'eth0')).toEqual(['inet global'])
  expect(families('none', 'eth0')).toEqual(['inet global'])
  expect(families('both', 'eth0')).toEqual(['inet global', 'inet6 global', 'inet6 link'])
  expect(families('both', 'eth1')).toEqual(['inet global'])
  expect(families('d', 'eth0')).toEqual(['inet6 global', 'inet6 link'])
  expect(answersOf(nslab, 'four', 'none')).toBe(1)
  expect(nslab(['ping', 'd', 'both', '-6', '-c', '1'])).toMatchObject({ status: 0 })
})

//   r1 ── (nothing)
test('a stub is up, has a carrier and leads nowhere', (nslab) => {
  up(nslab, 'nodes: { r1: { kind: router }, h: {} }\nlinks: [[r1], [h, r1]]')
  expect(ip(nslab, 'r1', 'link', 'show', 'eth0')[0].flags).toEqual(expect.arrayContaining(['UP', 'LOWER_UP']))
  expect(ip(nslab, 'r1', 'addr', 'show', 'eth0')[0].addr_info[0]).toMatchObject({ local: '10.128.0.1', prefixlen: 24 })
  expect(answersOf(nslab, 'h', '10.128.0.1')).toBe(1)
})

//   h1 ── r1 ── r2 ── h2
test('names stand for addresses in routes, rules and neighbours', (nslab) => {
  up(
    nslab,
    `
routing: none
nodes:
  h1: { routes: [{ to: default, via: r1 }] }
  r1:
    kind: router
    routes: [{ to: h2, via: r2 }, { to: 198.51.100.0/24, via: 203.0.113.9, dev: eth1, onlink: true }]
    rules: [{ from: h1, table: 254 }]
    nexthops: { 7: { via: "r2:eth0", family: 6 }, 8: { via: 203.0.113.9, dev: eth1, onlink: true } }
  r2: { kind: router, routes: [{ to: h1, via: r1 }] }
  h2: { routes: [{ to: default, via: r2 }], neighbours: [{ address: r2, mac: "02:00:00:00:00:98" }], mac: {} }
links: [[h1, r1], [r1, r2], { endpoints: [{ node: r2, mac: "02:00:00:00:00:98" }, h2] }]`,
  )
  reachesAll(nslab)
  expect(ip(nslab, 'r1', 'route', 'show', '198.51.100.0/24')).toMatchObject([
    { gateway: '203.0.113.9', flags: ['onlink'] },
  ])
  expect(ip(nslab, 'r1', 'rule')[1]).toMatchObject({ src: '10.0.0.0', table: 'main' })
  expect(ip(nslab, 'r1', 'nexthop')).toMatchObject([
    { id: 7, gateway: 'fd00::3', dev: 'eth1' },
    { id: 8, gateway: '203.0.113.9', dev: 'eth1', flags: ['onlink'] },
  ])
})

test('sysctls of interfaces are written, and values arrive as they are written', (nslab) => {
  const { nodes } = up(
    nslab,
    `
nodes:
  a:
    title: São Paulo
    env: { S: 1.10, T: 00123, G: 0x10, H: 12345678901234567890 }
    files: { /run/x: 0010 }
    sysctls: { net.ipv6.conf.eth0.accept_ra: 2, net.ipv4.conf.eth0/5.rp_filter: 1 }
    interfaces: { eth0.5: { kind: macvlan, parent: eth0 } }
  b: {}
links: [[a, b]]`,
  )
  expect(nodes[0]).toMatchObject({ name: 'a', title: 'São Paulo' })
  const script =
    'cd /proc/sys/net; cat ipv6/conf/eth0/accept_ra ipv4/conf/eth0.5/rp_filter; cat /run/x; echo; echo $S $T $G $H'
  expect(nslab(['exec', 'a', '--', 'sh', '-c', script], { cwd: '/' }).stdout).toBe(
    '2\n1\n0010\n1.10 00123 0x10 12345678901234567890\n',
  )
})
