// Which interfaces share a subnet, where bridges filter by VLAN and tunnels carry Ethernet.
import { describe, expect, test } from 'vitest'
import { Ethernet } from '../routes/ethernet.js'
import { Forwarding } from '../routes/forwarding.js'
import { nodeOf, resolve, shown } from '../support.js'

const interfaceOf = (lab: ReturnType<typeof resolve>, node: string, name: string) => {
  const found = nodeOf(lab, node).interfaces.find((each) => each.name === name)
  if (!found) throw new Error(`no ${node}:${name}`)
  return found
}

/** The first IPv4 subnet of an interface, `-` without one. */
const subnetOf = (lab: ReturnType<typeof resolve>, node: string, name = 'eth0'): string =>
  interfaceOf(lab, node, name).addresses[0]?.replace(/\.\d+\//, '.0/') ?? '-'

/** A bridge of a switch with these VLANs. */
const vlans = (text: string, more = '') => `{kind: switch, interfaces: {br0: {kind: bridge, vlans: {${text}}}${more}}}`

describe('VLANs', () => {
  test('ports of one switch are on the subnets of their VLANs, written or computed', () => {
    const lab = resolve(`
nodes:
  a: { addresses: { eth0: [192.0.2.1/24] } }
  b: {}
  c: { addresses: { eth0: [198.51.100.1/24] } }
  d: {}
  s: ${vlans('eth0: {untagged: 10}, eth1: {untagged: 10}, eth2: {untagged: 20}')}
links: [[a, s], [b, s], [c, s], [d, s]]`)
    expect(['a', 'b', 'c', 'd'].map((node) => subnetOf(lab, node))).toEqual([
      '192.0.2.0/24',
      '192.0.2.0/24',
      '198.51.100.0/24',
      '10.128.0.0/24',
    ])
    expect(new Ethernet(lab).heardFrom('a', 'eth0')).toEqual(new Set(['b:eth0']))
  })

  test('a subnet on a link, and an address outside of it, are those of its VLAN', () => {
    const text = (address: string) => `
nodes:
  a: {}
  b: { addresses: { eth0: [${address}] } }
  s: ${vlans('eth0: {untagged: 10}, eth1: {untagged: 10}')}
links: [{endpoints: [a, s], subnets: [192.0.2.0/24]}, [b, s]]`
    expect(subnetOf(resolve(text('192.0.2.9/24')), 'a')).toBe('192.0.2.0/24')
    expect(shown(text('203.0.113.1/24'))).toEqual([expect.stringContaining("outside its link's subnet 192.0.2.0/24")])
  })

  test('routers and hosts have addresses in the VLANs of their trunk, and none for frames without a tag', () => {
    const lab = resolve(`
nodes:
  a: {}
  b: {}
  r: { kind: router, interfaces: { v10: {kind: vlan, parent: eth0, id: 10}, v20: {kind: vlan, parent: eth0, id: 20} } }
  h: { interfaces: { bond0: {kind: bond, members: [eth0]}, v20: {kind: vlan, parent: bond0, id: 20} } }
  s: ${vlans('eth0: {untagged: 10}, eth1: {untagged: 20}, eth2: {tagged: [10, 20]}, eth3: {tagged: [20]}')}
links: [[a, s], [b, s], [r, s], [h, s]]`)
    expect(interfaceOf(lab, 'r', 'eth0').addresses).toEqual([])
    expect(interfaceOf(lab, 'h', 'bond0').addresses).toEqual([])
    expect(subnetOf(lab, 'r', 'v10')).toBe(subnetOf(lab, 'a'))
    expect(new Set([subnetOf(lab, 'r', 'v20'), subnetOf(lab, 'h', 'v20'), subnetOf(lab, 'b')]).size).toBe(1)
    const h = interfaceOf(lab, 'h', 'v20').addresses[0]?.replace(/\/.*/, '') as string
    expect(new Forwarding(lab).hops('a', h)).toEqual(new Set([1]))
  })

  test('a switch routes nothing, but has the addresses that are written for a VLAN of its bridge', () => {
    const lab = resolve(`
nodes:
  a: {}
  b: {}
  s: ${vlans(
    'br0: {tagged: [10, 99]}, eth0: {untagged: 10}, eth1: {untagged: 20}',
    ', br0.10: {kind: vlan, parent: br0, id: 10, addresses: [192.0.2.254/24]}, br0.99: {kind: vlan, parent: br0, id: 99}',
  )}
links: [[a, s], [b, s]]`)
    expect(subnetOf(lab, 'a')).toBe('192.0.2.0/24')
    expect(interfaceOf(lab, 's', 'br0.99').addresses).toEqual([])
    expect(new Ethernet(lab).heardFrom('a', 'eth0')).toEqual(new Set(['s:br0.10']))
  })

  test('ports that are not in `vlans` are in the default VLAN, if there is one', () => {
    const text = (pvid: string) => `
nodes:
  a: {}
  b: {}
  s: {kind: switch, interfaces: {br0: {kind: bridge, vlan_filtering: true${pvid}, vlans: {eth0: {untagged: 7}}}}}
links: [[a, s], [b, s]]`
    expect(subnetOf(resolve(text(', default_pvid: 7')), 'a')).toBe(subnetOf(resolve(text(', default_pvid: 7')), 'b'))
    expect(subnetOf(resolve(text('')), 'a')).not.toBe(subnetOf(resolve(text('')), 'b'))
    expect(subnetOf(resolve(text(', default_pvid: 0')), 'b')).toBe('-')
  })

  test('a trunk joins VLANs of two switches, also through one that does not filter, and a second trunk is a loop', () => {
    const text = (more = '', port = '') => `
nodes:
  a: {}
  b: {}
  s: ${vlans(`eth0: {untagged: 10}, eth1: {tagged: [10]}${port}`)}
  t: ${vlans(`eth0: {tagged: [10]}, eth1: {untagged: 10}${port}`)}
  u: {kind: switch}
links: [[a, s], [s, u], [u, t], [b, t]${more}]`
    expect(subnetOf(resolve(text()), 'a')).toBe(subnetOf(resolve(text()), 'b'))
    expect(shown(text(', [s, t]', ', eth2: {tagged: [10]}'))).toEqual([
      expect.stringContaining('s and t are wired already'),
    ])
  })

  test('trunks that share no VLAN are no loop', () => {
    const text = (second: number) => `
nodes:
  s: ${vlans(`eth0: {tagged: [10]}, eth1: {tagged: [${second}]}`)}
  t: ${vlans(`eth0: {tagged: [10]}, eth1: {tagged: [${second}]}`)}
links: [[s, t], [s, t]]`
    expect(resolve(text(20)).links).toHaveLength(2)
    expect(shown(text(10))).toHaveLength(1)
  })
})

//   h1 ── r1 ── r2 ── h2
//          └─────┘ tunnel
const stretched = (one: string, two: string, more = '') => `
nodes:
  h1: { addresses: { eth0: [192.0.2.1/24, "2001:db8::1/64"] } }
  r1: { kind: router, interfaces: { t: {${one}}, br0: {kind: bridge, members: [eth0, t]} } }
  r2: { kind: router, interfaces: { t: {${two}}, br0: {kind: bridge, members: [eth0, t]} } }
  h2: { addresses: { eth0: [192.0.2.2/24, "2001:db8::2/64"] } }
links: [[h1, r1], [h2, r2], [r1, r2]${more}]`

describe('tunnels that carry Ethernet', () => {
  test.each([
    ['kind: vxlan, id: 5, remote: r2', 'kind: vxlan, id: 5, remote: r1', 1450],
    ['kind: vxlan, id: 5, remote: [r2]', 'kind: vxlan, id: 5', 1450],
    ['kind: vxlan, id: 5, remote: "r2:eth1"', 'kind: vxlan, id: 5, remote: 10.0.0.0', 1450],
    ['kind: vxlan, id: 5, remote: 239.1.1.1, dev: eth1', 'kind: vxlan, id: 5, remote: 239.1.1.1, dev: eth1', 1450],
    ['kind: geneve, id: 5, remote: "r2:eth1"', 'kind: geneve, id: 5, remote: "r1:eth1"', 1450],
    ['kind: gretap, remote: r2, key: 3', 'kind: gretap, remote: r1, key: 3', 1458],
    ['kind: ip6gretap, remote: r2', 'kind: ip6gretap, remote: r1', 1434],
  ])('{%s} and {%s} join the subnets at their ends, whose MTU is %s', (one, two, mtu) => {
    const lab = resolve(stretched(one, two))
    expect(subnetOf(lab, 'r1', 'br0')).toBe('192.0.2.0/24')
    for (const [node, name] of ['h1:eth0', 'h2:eth0', 'r1:eth0', 'r1:br0', 'r1:t', 'r2:t'].map((key) => key.split(':')))
      expect([node, name, interfaceOf(lab, node as string, name as string).mtu]).toEqual([node, name, mtu])
    expect(interfaceOf(lab, 'r1', 'eth1').mtu).toBe(1500)
    expect(lab.links.map((link) => link.mtu)).toEqual([mtu, mtu, 1500])
  })

  test.each([
    ['kind: vxlan, id: 5, remote: r2', 'kind: vxlan, id: 6, remote: r1'],
    ['kind: vxlan, id: 5, remote: r2, dstport: 8472', 'kind: vxlan, id: 5, remote: r1'],
    ['kind: gretap, remote: r2, key: 3', 'kind: gretap, remote: r1'],
  ])('{%s} and {%s} do not', (one, two) => {
    expect(shown(stretched(one, two)).join()).toContain('192.0.2.0/24 overlaps 192.0.2.0/24')
  })

  test('a written MTU stays', () => {
    const text = stretched('kind: vxlan, id: 5, remote: r2', 'kind: vxlan, id: 5, remote: r1')
    const lab = resolve(text.replace('[h1, r1]', '{endpoints: [h1, r1], mtu: 1500}'))
    expect([interfaceOf(lab, 'h1', 'eth0').mtu, interfaceOf(lab, 'h2', 'eth0').mtu]).toEqual([1500, 1450])
  })

  test('no packet to the other end of a tunnel goes by the tunnel, though that is the shorter way', () => {
    const text = stretched('kind: vxlan, id: 5, remote: r2', 'kind: vxlan, id: 5, remote: r1')
    const lab = resolve(
      text
        .replace('nodes:', 'nodes:\n  x: { kind: router }\n  y: { kind: router }')
        .replace('[r1, r2]', '[r1, x], [x, y], [y, r2]'),
    )
    const loopback = interfaceOf(lab, 'r2', 'lo').addresses[0] as string
    const route = nodeOf(lab, 'r1').routes.find(({ destination }) => destination === loopback)
    expect(route?.nextHops.map((hop) => hop.interface)).toEqual(['eth1'])
  })

  test('hosts without a router of their own use the one behind the tunnel', () => {
    const lab = resolve(`
nodes:
  h: {}
  gw: { kind: router }
  far: {}
  v1: { kind: router, addresses: {br0: []}, interfaces: { t: {kind: vxlan, id: 5, remote: v2}, br0: {kind: bridge, members: [eth0, t]} } }
  v2: { kind: router, addresses: {br0: []}, interfaces: { t: {kind: vxlan, id: 5, remote: v1}, br0: {kind: bridge, members: [eth0, t]} } }
links: [[h, v1], [gw, v2], [v1, v2], [gw, far]]`)
    const gateway = interfaceOf(lab, 'gw', 'eth0').addresses[0]?.replace(/\/.*/, '')
    expect(nodeOf(lab, 'h').routes[0]?.nextHops).toEqual([{ gateway, interface: 'eth0' }])
  })

  test('a bridged link beside a tunnel is a loop', () => {
    const text = stretched('kind: vxlan, id: 5, remote: r2', 'kind: vxlan, id: 5, remote: r1', ', [r1, r2]')
    expect(shown(text.replaceAll('members: [eth0, t]', 'members: [eth0, t, eth2]'))).toEqual([
      expect.stringContaining('r1 and r2 are wired already'),
    ])
  })
})

//   r ── s ── h1 … h200     r has a trunk of all VLANs; s passes on all tags
test('a trunk of all VLANs costs nothing at the ports of plain switches', () => {
  const vlans = Array.from({ length: 4094 }, (_, index) => index + 1)
  const started = performance.now()
  const lab = resolve(`
nodes:
  r: { interfaces: { br0: { kind: bridge, vlan_filtering: true, members: [eth0], vlans: { eth0: { tagged: [${vlans}] } } } } }
  s: { kind: switch }
  a: { interfaces: { v7: { kind: vlan, parent: eth0, id: 7 } } }
  b: { interfaces: { v7: { kind: vlan, parent: eth0, id: 7 } } }
  "h{i}": { repeat: 200 }
links: [[r, s], [a, s], [b, s], { endpoints: ["h{i}", s], repeat: 200 }]`)
  expect(performance.now() - started).toBeLessThan(2000)
  const networkOf = (node: string, name: string) =>
    nodeOf(lab, node)
      .interfaces.find((each) => each.name === name)
      ?.addresses[0]?.replace(/\.\d+\/.*/, '')
  expect(networkOf('a', 'v7')).toBe(networkOf('b', 'v7'))
  expect(networkOf('a', 'v7')).not.toBe(networkOf('a', 'eth0'))
})

test('VLAN interfaces on each other that no kernel makes cost no more than others', () => {
  const devices = Array.from(
    { length: 600 },
    (_, at) => `v${at + 1}: {kind: vlan, parent: ${at === 0 ? 'eth0' : `v${at}`}, id: ${at + 1}}`,
  )
  const started = performance.now()
  resolve(`families: [4]\nnodes: {a: {interfaces: {${devices}}}, b: {}}\nlinks: [[a, b]]`)
  expect(performance.now() - started).toBeLessThan(2000)
})
