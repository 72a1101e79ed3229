// `interfaces` of a node: what is computed for them, what takes the place of what, and what is refused where.

import { describe, expect, test } from 'vitest'
import type { ResolvedTopology } from '../../../../src/model/resolved.js'
import { buildPlan, planLab } from '../../../../src/plan/build.js'
import { configOf, devicesOf } from '../../../../src/plan/flatten.js'
import { explain } from '../../../../src/plan/say/explain.js'
import { nodeOf, resolve, shown } from '../support.js'

const interfaceOf = (lab: ResolvedTopology, node: string, name: string) => {
  const found = nodeOf(lab, node).interfaces.find((each) => each.name === name)
  if (!found) throw new Error(`${node} has no ${name}`)
  return found
}

const commandsOf = (lab: ResolvedTopology, node: string): string[] =>
  explain(planLab(lab)).flatMap((op) => (op.node === node && op.op !== 'node.add' ? [op.command] : []))

const PAIR = (device: string) => `nodes: {a: {interfaces: {x: ${device}}}, b: {}}\nlinks: [[a, b]]`

describe('what is computed', () => {
  test('an index that no link has, and stays the same when links are added', () => {
    const device = 'interfaces: {v1: {kind: dummy}, v2: {kind: dummy}}'
    const indexes = (links: string) =>
      nodeOf(resolve(`nodes: {a: {${device}}, b: {}}\nlinks: ${links}`), 'a').interfaces.map(({ index }) => index)
    expect(indexes('[]')).toEqual([1, 17, 18])
    expect(indexes('[[a, b], [a, b]]')).toEqual([1, 32, 34, 17, 18])
  })

  test('over 15 of them step over the links’ indexes', () => {
    const many = Array.from({ length: 20 }, (_, at) => `d${at}: {kind: dummy}`)
    const lab = resolve(`nodes: {a: {interfaces: {${many}}}, b: {}}\nlinks: [[a, b], [b, a]]`)
    const indexes = nodeOf(lab, 'a').interfaces.map(({ index }) => index)
    expect(new Set(indexes).size).toBe(indexes.length)
  })

  test.each([
    ['{kind: vxlan, id: 1, remote: b}', 1450],
    ['{kind: vxlan, id: 1, remote: "2001:db8::1"}', 1430],
    ['{kind: geneve, id: 1, remote: b}', 1450],
    ['{kind: gre, remote: b}', 1476],
    ['{kind: gre, remote: b, key: 1}', 1472],
    ['{kind: gretap, remote: b}', 1462],
    ['{kind: ip6gre, remote: b}', 1448],
    ['{kind: ipip, remote: b}', 1480],
    ['{kind: sit, remote: b}', 1480],
    ['{kind: ip6tnl, remote: b}', 1452],
    ['{kind: vlan, parent: eth0, id: 2}', 1500],
    ['{kind: vrf, table: 2}', 65_536],
    ['{kind: dummy, mtu: 1300}', 1300],
  ])('the MTU of %s', (device, mtu) => {
    expect(interfaceOf(resolve(PAIR(device)), 'a', 'x').mtu).toBe(mtu)
  })

  test('the MTU of what stands on a switch is that of its smallest port', () => {
    const text =
      'nodes: {s: {kind: switch, interfaces: {x: {kind: macvlan, parent: br0}}}, a: {}}\nlinks: [{endpoints: [s, a], mtu: 1400}]'
    expect(interfaceOf(resolve(text), 's', 'x').mtu).toBe(1400)
  })

  test('an Ethernet device has a MAC address that stays; what stands on another has its parent’s', () => {
    const [first, again] = [resolve(PAIR('{kind: dummy}')), resolve(PAIR('{kind: dummy}'))]
    expect(interfaceOf(first, 'a', 'x').mac).toMatch(/^02:/)
    expect(interfaceOf(again, 'a', 'x').mac).toBe(interfaceOf(first, 'a', 'x').mac)
    expect(interfaceOf(resolve(PAIR('{kind: vlan, parent: eth0, id: 2}')), 'a', 'x').mac).toBeNull()
    expect(interfaceOf(resolve(PAIR('{kind: gre, remote: b}')), 'a', 'x').mac).toBeNull()
    expect(interfaceOf(resolve(PAIR('{kind: dummy, mac: "02:00:00:00:00:AA"}')), 'a', 'x').mac).toBe(
      '02:00:00:00:00:aa',
    )
  })
})

describe('the ends of a tunnel', () => {
  const ends = (text: string, node = 'a') => {
    const { remote, local } = interfaceOf(resolve(text), node, 'x').settings as { remote?: unknown; local?: string }
    return { remote, local }
  }

  test('a node is what its name resolves to, and so is the own end', () => {
    const text = `nodes:
  a: {kind: router, interfaces: {x: {kind: gre, remote: b}}}
  b: {interfaces: {x: {kind: gre, remote: a}}}
links: [[a, b]]`
    expect(ends(text)).toEqual({ remote: '10.0.0.1', local: '10.255.0.1' })
    expect(ends(text, 'b')).toEqual({ remote: '10.255.0.1', local: '10.0.0.1' })
  })

  test('an interface or an address is met from the same subnet', () => {
    expect(ends(PAIR('{kind: gre, remote: "b:eth0"}'))).toEqual({ remote: '10.0.0.1', local: '10.0.0.0' })
    expect(ends(PAIR('{kind: ip6tnl, remote: "fd00::1"}'))).toEqual({ remote: 'fd00::1', local: 'fd00::' })
    expect(ends(PAIR('{kind: gre, remote: 192.0.2.1, local: eth0}'))).toEqual({
      remote: '192.0.2.1',
      local: '10.0.0.0',
    })
  })

  // a ── r ── b: Geneve takes in only what comes from where it sends to
  test('Geneve is met at the interface that packets leave by', () => {
    const text = (remote: string) => `nodes:
  a: {kind: router, interfaces: {x: {kind: geneve, id: 1, remote: ${remote}}}}
  r: {kind: router}
  b: {kind: router}
links: [[a, r], [r, b], [r, b]]`
    expect(ends(text('r')).remote).toBe('10.0.0.1')
    expect(ends(text('"b:eth1"')).remote).toBe('10.0.0.5')
    expect(shown(text('b'))).toEqual([expect.stringContaining("write which of b's that is, such as b:eth0")])
  })

  test('a VXLAN may have none, one, several, or a group', () => {
    expect(ends(PAIR('{kind: vxlan, id: 1}'))).toEqual({ remote: [], local: undefined })
    expect(ends(PAIR('{kind: vxlan, id: 1, remote: [b, 192.0.2.9]}')).remote).toEqual(['10.0.0.1', '192.0.2.9'])
    expect(ends(PAIR('{kind: vxlan, id: 1, remote: 239.1.1.1, dev: eth0}'))).toEqual({
      remote: ['239.1.1.1'],
      local: undefined,
    })
  })
})

describe('bridges and bonds', () => {
  // h1 ── eth0 ┐
  //            br0 in r
  // h2 ── eth1 ┘
  test('a bridge has the address of its ports’ network, which is a LAN; its ports have none', () => {
    const lab = resolve(
      'nodes: {h1: {}, h2: {}, r: {kind: router, interfaces: {br0: {kind: bridge, members: [eth0, eth1]}}}}\nlinks: [[h1, r], [h2, r]]',
    )
    expect(interfaceOf(lab, 'r', 'br0').addresses).toEqual(['10.128.0.2/24', 'fd00:1::2/64'])
    expect(interfaceOf(lab, 'r', 'eth0')).toMatchObject({ addresses: [], master: 'br0' })
    expect(nodeOf(lab, 'h1').routes.map(({ nextHops }) => nextHops[0]?.gateway)).toEqual(['10.128.0.2', 'fd00:1::2'])
  })

  // a ══ b, both links in a bond at both ends
  test('bonds at both ends of parallel links are one link', () => {
    const bond = 'interfaces: {bond0: {kind: bond, members: [eth0, eth1]}}'
    const lab = resolve(`nodes: {a: {${bond}}, b: {${bond}}}\nlinks: [[a, b], [a, b]]`)
    expect(interfaceOf(lab, 'a', 'bond0').addresses).toEqual(['10.0.0.0/31', 'fd00::/127'])
    expect(interfaceOf(lab, 'b', 'bond0').addresses).toEqual(['10.0.0.1/31', 'fd00::1/127'])
    expect(commandsOf(lab, 'a')).toEqual(
      expect.arrayContaining(['ip -n a link set eth0 master bond0', 'ip -n a link set eth0 up']),
    )
  })

  test('a switch’s own bridge can be described, and have an address', () => {
    const lab = resolve(
      'nodes: {s: {kind: switch, interfaces: {br0: {kind: bridge, ageing: 60, addresses: [192.0.2.9/24]}}}, a: {}}\nlinks: [[a, s]]',
    )
    expect(interfaceOf(lab, 's', 'br0')).toMatchObject({ index: 16, addresses: ['192.0.2.9/24', 'fd00:1::2/64'] })
    expect(interfaceOf(lab, 'a', 'eth0').addresses[0]).toBe('192.0.2.1/24')
    expect(commandsOf(lab, 's')[0]).toMatch(/ type bridge ageing_time 6000$/)
  })

  test('switches in a loop run a spanning tree, or are refused', () => {
    const loop = (stp: string) => `nodes: {s: {kind: switch${stp}}, t: {kind: switch}}\nlinks: [[s, t], [s, t]]`
    expect(shown(loop(''))).toEqual(['2:17 links.1: s and t are wired already: a loop of switches floods for ever'])
    const settings = interfaceOf(resolve(loop(', interfaces: {br0: {kind: bridge, stp: true}}')), 's', 'br0').settings
    expect(settings).toMatchObject({ stp: true, forward_delay: 2 })
  })

  test('VLANs of ports are told in contrast to what the kernel gives them', () => {
    const lab = resolve(
      'nodes: {s: {kind: switch, interfaces: {br0: {kind: bridge, vlans: {eth0: {untagged: 10}, eth1: {tagged: [10, 20]}}}}}, a: {}, b: {}}\nlinks: [[a, s], [b, s]]',
    )
    expect(commandsOf(lab, 's').filter((each) => /vlan/.test(each))).toEqual([
      expect.stringMatching(/type bridge vlan_filtering 1$/),
      'bridge -n s vlan del dev eth0 vid 1',
      'bridge -n s vlan add dev eth0 vid 10 pvid untagged',
      'bridge -n s vlan del dev eth1 vid 1',
      'bridge -n s vlan add dev eth1 vid 10',
      'bridge -n s vlan add dev eth1 vid 20',
    ])
  })
})

test('what stands on others is made after them, and what is a member of such waits with it', () => {
  const lab = resolve(`nodes:
  a:
    interfaces:
      br1: {kind: bridge, members: [v20]}
      v20: {kind: vlan, parent: v10, id: 20}
      v10: {kind: vlan, parent: eth0, id: 10, protocol: 802.1ad}
  b: {}
links: [[a, b]]`)
  const plan = buildPlan(lab)
  expect(devicesOf(plan).map(({ op, interface: name }) => `${op} ${name}`)).toEqual(['bridge.add br1', 'veth.add eth0'])
  const config = plan.nodes
    .filter(({ node }) => node === 'a')
    .flatMap(configOf)
    .map((op) => ('interface' in op ? `${op.op} ${op.interface}` : op.op))
  expect(config.slice(config.indexOf('link.add v10'))).toEqual([
    'link.add v10',
    'link.add v20',
    'link.up v10',
    'link.up v20',
    'link.enslave v20',
  ])
  expect(config.indexOf('link.up eth0')).toBeLessThan(config.indexOf('link.add v10'))
})

test('an interface without anybody at its other end is not waited for', () => {
  const lab = resolve(
    'nodes: {a: {interfaces: {t: {kind: tap}, br0: {kind: bridge, members: [t]}, v: {kind: vlan, parent: br0, id: 2}, d: {kind: dummy}, off: {kind: dummy, up: false}}}}',
  )
  const without = nodeOf(lab, 'a').interfaces.filter(({ carrier }) => carrier === false)
  expect(without.map(({ name }) => name).sort()).toEqual(['br0', 't', 'v'])
  expect(commandsOf(lab, 'a')).not.toContain('ip -n a link set dev off up')
})

test('pools step over the addresses of devices, and both ends of a tunnel may be in one subnet', () => {
  const gre = (other: string, address: string) =>
    `interfaces: {x: {kind: gre, remote: ${other}, addresses: [${address}]}}`
  const lab = resolve(`nodes: {a: {${gre('b', '10.0.0.1/30')}}, b: {${gre('a', '10.0.0.2/30')}}}\nlinks: [[a, b]]`)
  expect(interfaceOf(lab, 'a', 'eth0').addresses[0]).toBe('10.0.0.4/31')
})

// a ══ b ── c, where a's end of the overlay has an address of the subnet of b and c
test('no computed address is one that is written, on whatever node', () => {
  const lab = resolve(
    'nodes: {a: {interfaces: {t0: {kind: tap, addresses: [192.0.2.1/24]}}}, b: {}, c: {}}\n' +
      'links: [{endpoints: [b, c], subnets: [192.0.2.0/24]}]',
  )
  expect(interfaceOf(lab, 'b', 'eth0').addresses[0]).toBe('192.0.2.2/24')
  expect(interfaceOf(lab, 'c', 'eth0').addresses[0]).toBe('192.0.2.3/24')
})

describe('subnets within one node', () => {
  const node = (interfaces: string, more = '') =>
    `nodes: {a: {interfaces: {${interfaces}}${more}}, b: {}}\nlinks: [{endpoints: [a, b], subnets: [192.0.2.0/24]}]`

  test.each([
    [
      node('t0: {kind: tap, addresses: [192.0.2.9/24]}'),
      '1:54 nodes.a.interfaces.t0.addresses.0: 192.0.2.0/24 is the subnet of a:eth0 already',
    ],
    [
      node('t0: {kind: dummy, addresses: [198.51.100.1/24]}, t1: {kind: dummy, addresses: ["198.51.100.9/24"]}'),
      '1:105 nodes.a.interfaces.t1.addresses.0: 198.51.100.0/24 is the subnet of a:t0 already',
    ],
    [
      node('t0: {kind: tap, addresses: [198.51.100.9/24]}, t1: {kind: tap, addresses: [198.51.100.9/24]}'),
      '1:101 nodes.a.interfaces.t1.addresses.0: 198.51.100.9/24 is an address of a:t0 already',
    ],
    [
      node(
        'm0: {kind: macvlan, parent: eth0, addresses: [192.0.2.8/24]}, t0: {kind: tap}',
        ', addresses: {t0: [192.0.2.9/24]}',
      ),
      '1:123 nodes.a.addresses.t0.0: 192.0.2.0/24 is the subnet of a:eth0 already',
    ],
  ])('are each other’s in %s', (text, fault) => {
    expect(shown(text)).toEqual([fault])
  })

  test.each([
    ['on one network', node('m0: {kind: macvlan, parent: eth0, addresses: [192.0.2.8/24]}')],
    [
      'of a bridge and what stands on it',
      node('br0: {kind: bridge, members: [eth0]}, m0: {kind: macvlan, parent: br0, addresses: [192.0.2.8/24]}'),
    ],
    ['and within each other', node('t0: {kind: tap, addresses: [192.0.2.130/25]}')],
    ['in a VRF', node('v: {kind: vrf, table: 9, members: [t0]}, t0: {kind: tap, addresses: [192.0.2.9/24]}')],
    [
      'where the other interface has none',
      node('t0: {kind: tap, addresses: [192.0.2.9/24]}', ', addresses: {eth0: []}'),
    ],
    [
      'that are link-local',
      node('t0: {kind: tap, addresses: ["fe80::1/64"]}, t1: {kind: tap, addresses: ["fe80::1/64"]}'),
    ],
  ])('may be alike %s', (_, text) => {
    expect(() => resolve(text)).not.toThrow()
  })
})

test('a link’s end steps over the name of a device', () => {
  const lab = resolve('nodes: {a: {interfaces: {eth0: {kind: dummy}}}, b: {}}\nlinks: [[a, b]]')
  expect(lab.links[0]?.endpoints[0]).toEqual({ node: 'a', interface: 'eth1' })
})

describe('refused', () => {
  const one = (device: string) => `nodes: {a: {interfaces: {x: ${device}}}, b: {}}\nlinks: [[a, b]]`
  const some = (devices: string, links = '[[a, b], [a, b]]') =>
    `nodes: {a: {interfaces: {${devices}}}, b: {}}\nlinks: ${links}`
  const KINDS = 'bond, bridge, device, dummy, geneve, gre'

  test.each([
    [one('{}'), '1:29 nodes.a.interfaces.x.kind: the key `kind` is missing'],
    [one('3'), '1:29 nodes.a.interfaces.x: expected a map, got 3'],
    [one('{kind: vlan, parent: eth0}'), '1:29 nodes.a.interfaces.x.id: the key `id` is missing'],
    [
      one('{kind: dummy, parent: eth0}'),
      '1:43 nodes.a.interfaces.x.parent: unknown key parent; there are kind, addresses, mtu, up, mac',
    ],
    [one('{kind: vlan, parent: eth0, id: 0}'), '1:60 nodes.a.interfaces.x.id: a VLAN id is 1 to 4094'],
    [one('{kind: vlan, parent: eth0, id: 4095}'), '1:60 nodes.a.interfaces.x.id: a VLAN id is 1 to 4094'],
    [one('{kind: vxlan, id: 16777216}'), '1:47 nodes.a.interfaces.x.id: a network identifier is 0 to 16777215'],
    [one('{kind: vxlan, id: -1}'), '1:47 nodes.a.interfaces.x.id: a network identifier is 0 to 16777215'],
    [
      one('{kind: vlan, parent: eth7, id: 2}'),
      '1:50 nodes.a.interfaces.x.parent: a has no interface eth7; did you mean eth0?',
    ],
    [one('{kind: vlan, parent: x, id: 2}'), '1:50 nodes.a.interfaces.x.parent: x cannot stand on itself'],
    [one('{kind: vlan, parent: lo, id: 2}'), '1:50 nodes.a.interfaces.x.parent: a has no interface lo; it has eth0, x'],
    [
      one('{kind: bond, members: [eth9]}'),
      '1:52 nodes.a.interfaces.x.members.0: a has no interface eth9; did you mean eth0?',
    ],
    [
      one('{kind: vrf, table: 5, members: [eht0]}'),
      '1:61 nodes.a.interfaces.x.members.0: a has no interface eht0; did you mean eth0?',
    ],
    [one('{kind: bond, members: [x]}'), '1:52 nodes.a.interfaces.x.members.0: x cannot be a member of itself'],
    [
      one('{kind: bond, members: [eth0], primary: eth1}'),
      '1:68 nodes.a.interfaces.x.primary: eth1 is no member of x; did you mean eth0?',
    ],
    [one('{kind: vrf, table: 0}'), '1:48 nodes.a.interfaces.x.table: a table is 1 to 4294967295'],
    [one('{kind: gre, remote: z}'), '1:49 nodes.a.interfaces.x.remote: there is no node z'],
    [
      one('{kind: gre, remote: a}'),
      '1:49 nodes.a.interfaces.x.remote: a is the node itself; a tunnel leads to another one',
    ],
    [
      one('{kind: gre, remote: "b:eth9"}'),
      '1:49 nodes.a.interfaces.x.remote: b has no interface eth9; did you mean eth0?',
    ],
    [one('{kind: gre, remote: "fd00::1"}'), '1:49 nodes.a.interfaces.x.remote: fd00::1 is no IPv4 address'],
    [
      one('{kind: gre, remote: "here/there"}'),
      '1:49 nodes.a.interfaces.x.remote: here/there is neither an IP address nor NODE nor NODE:INTERFACE',
    ],
    [one('{kind: gre, remote: b, local: 192.0.2.1}'), '1:59 nodes.a.interfaces.x.local: 192.0.2.1 is no address of a'],
    [
      one('{kind: vxlan, id: 1, remote: 239.1.1.1}'),
      '1:58 nodes.a.interfaces.x.remote: the multicast group 239.1.1.1 needs `dev`, an interface',
    ],
    [one('{kind: bridge, vlans: {eth0: {}}}'), '1:52 nodes.a.interfaces.x.vlans.eth0: eth0 is no port of x'],
    [
      one('{kind: bridge, forward_delay: 31}'),
      '1:59 nodes.a.interfaces.x.forward_delay: a forward delay is 2 to 30 seconds',
    ],
    [
      some('m: {kind: bond, members: [eth0]}, n: {kind: vrf, table: 2, members: [eth0]}'),
      '1:95 nodes.a.interfaces.n.members.0: eth0 is a member of m already',
    ],
    [
      some('m: {kind: vrf, table: 2}, n: {kind: vrf, table: 2}'),
      "1:74 nodes.a.interfaces.n.table: table 2 is m's already",
    ],
    [
      some('m: {kind: vlan, parent: eth0, id: 2}, n: {kind: vlan, parent: eth0, id: 2}'),
      "1:98 nodes.a.interfaces.n.id: VLAN 2 of eth0 is m's already",
    ],
    [
      some('m: {kind: vlan, parent: n, id: 2}, n: {kind: vlan, parent: m, id: 2}'),
      '1:26 nodes.a.interfaces.m: these stand on each other in a loop: m, n, m',
    ],
    [
      some('m: {kind: bond, members: [n]}, n: {kind: vlan, parent: m, id: 2}'),
      '1:81 nodes.a.interfaces.n.parent: n stands on m, and is a member of it',
    ],
    [
      some('m: {kind: bridge}, n: {kind: bridge, members: [m]}'),
      '1:73 nodes.a.interfaces.n.members.0: m is a bridge, which cannot be a member of a bridge',
    ],
    [
      some('m: {kind: gre, remote: b}, n: {kind: bridge, members: [m]}'),
      '1:81 nodes.a.interfaces.n.members.0: m is a gre, which cannot be a member of a bridge',
    ],
    [
      some('m: {kind: bond, members: [eth0]}').replace('interfaces', 'addresses: {eth0: [192.0.2.1/24]}, interfaces'),
      '1:25 nodes.a.addresses.eth0: eth0 is a member of m, which has the addresses; write them there',
    ],
    [
      some('eth9: {kind: dummy}', '[["a:eth9", b]]'),
      '2:10 links.0.endpoints.0: a:eth9 is written under `interfaces` of its node already',
    ],
    [some('lo: {kind: dummy}'), "1:26 nodes.a.interfaces.lo: lo is every node's loopback; it is there already"],
    [
      'nodes: {s: {kind: switch, interfaces: {br1: {kind: bridge}}}}',
      '1:52 nodes.s.interfaces.br1.kind: a switch has one bridge, br0',
    ],
    [
      'nodes: {a: {addresses: {x: [192.0.2.1/24]}, interfaces: {x: {kind: dummy, addresses: [192.0.2.2/24]}}}}',
      '1:86 nodes.a.interfaces.x.addresses: the addresses of x are written under `addresses` already',
    ],
    [
      'nodes: {a: {interfaces: {x: {kind: dummy, addresses: [192.0.2.1/24]}}}, b: {interfaces: {x: {kind: dummy, addresses: [192.0.2.1/24]}}}}',
      '1:119 nodes.b.interfaces.x.addresses.0: 192.0.2.1/24 is an address of a:x already',
    ],
    [
      one('{kind: dummy}').replace('interfaces', 'mtu: {x: 1400}, interfaces'),
      '1:19 nodes.a.mtu.x: x is no end of a link: write its mtu under `interfaces`, where it is',
    ],
    [
      one('{kind: dummy}').replace('interfaces', 'mac: {x: "02:00:00:00:00:01"}, interfaces'),
      '1:19 nodes.a.mac.x: x is no end of a link: write its mac under `interfaces`, where it is',
    ],
    [
      some('m: {kind: vxlan, id: 7, remote: b}, n: {kind: vxlan, id: 7, remote: 192.0.2.1}'),
      "1:62 nodes.a.interfaces.n: VXLAN 7 over IPv4 at port 4789 is m's already",
    ],
    [
      some('m: {kind: geneve, id: 7, remote: 192.0.2.1}, n: {kind: geneve, id: 7, remote: 192.0.2.1}'),
      "1:71 nodes.a.interfaces.n: Geneve 7 to 192.0.2.1 at port 6081 is m's already",
    ],
    [
      some('m: {kind: gre, remote: b, key: 1}, n: {kind: gre, remote: b, key: 1}'),
      "1:61 nodes.a.interfaces.n: the gre tunnel from 10.0.0.0 to 10.0.0.1 with key 1 is m's already",
    ],
    [
      some('m: {kind: ip6tnl, remote: b, dev: eth0}, n: {kind: ip6tnl, remote: b, dev: eth0}'),
      "1:67 nodes.a.interfaces.n: the ip6tnl tunnel from fd00:: to fd00::1 by eth0 is m's already",
    ],
    [
      some('m: {kind: macvlan, parent: eth0, mode: passthru}, n: {kind: macvlan, parent: eth0}'),
      '1:103 nodes.a.interfaces.n.parent: m is on eth0, and a macvlan with `mode: passthru` is alone there',
    ],
    [
      some('m: {kind: macvlan, parent: eth0}, n: {kind: macvlan, parent: eth0, mode: passthru}'),
      '1:87 nodes.a.interfaces.n.parent: m is on eth0, and a macvlan with `mode: passthru` is alone there',
    ],
    [
      some('m: {kind: macvlan, parent: eth0}, n: {kind: ipvlan, parent: eth0}'),
      '1:86 nodes.a.interfaces.n.parent: m on eth0 is of kind macvlan, so no ipvlan can be there too',
    ],
    [
      some('m: {kind: macvlan, parent: eth0}, n: {kind: bridge, members: [eth0]}'),
      '1:53 nodes.a.interfaces.m.parent: n takes the packets of eth0, its member, so no macvlan can stand on eth0',
    ],
    [
      one('{kind: macvlan, parent: eth0, mtu: 9000}'),
      '1:64 nodes.a.interfaces.x.mtu: x sends by eth0, whose mtu is 1500',
    ],
    [
      one('{kind: dummy, mtu: 1000, addresses: ["2001:db8::1/64"]}'),
      '1:48 nodes.a.interfaces.x.mtu: IPv6 needs an mtu of 1280 or more, and that of x is 1000',
    ],
    [
      'nodes: {a: {interfaces: {x: {kind: dummy}}}, a-x: {}}',
      '1:46 nodes.a-x: the host name a-x would stand for the interface a:x and for the node a-x',
    ],
  ])('%s', (text, fault) => {
    expect(shown(text)).toEqual([fault])
  })

  test.each([
    'm: {kind: vxlan, id: 7, remote: b}, n: {kind: vxlan, id: 7, remote: "fd00::1"}',
    'm: {kind: vxlan, id: 7, remote: "ff02::7", dev: eth0}, n: {kind: vxlan, id: 7, remote: "ff02::7", dev: eth1}',
    'm: {kind: gre, remote: b, key: 1}, n: {kind: gre, remote: b}',
    'm: {kind: macvlan, parent: eth0, mode: private}, n: {kind: macvlan, parent: eth0}, o: {kind: vrf, table: 7, members: [eth0]}',
    'm: {kind: vlan, parent: eth0, id: 7}, n: {kind: bridge, members: [eth0]}, o: {kind: macvlan, parent: n}',
    'm: {kind: macvlan, parent: eth0, mtu: 1500}, n: {kind: dummy, mtu: 1000}',
  ])('but not %s', (devices) => {
    expect(nodeOf(resolve(some(devices)), 'a').interfaces.length).toBeGreaterThan(4)
  })

  test('two interfaces of one identity, beside faults of other kinds', () => {
    const text = `nodes:
  a:
    interfaces:
      red: {kind: vrf, table: 10, members: [eth0]}
      blue: {kind: vrf, table: 10, members: [eth0]}
  b: {}
links: [[a, b]]`
    expect(shown(text)).toEqual([
      expect.stringMatching(/^5:\d+ nodes\.a\.interfaces\.blue\.table: table 10 is red's already$/),
      expect.stringMatching(/^5:\d+ nodes\.a\.interfaces\.blue\.members\.0: eth0 is a member of red already$/),
    ])
  })

  test('a kind that is not there, with those that are', () => {
    const [fault] = shown(one('{kind: vlna, id: 1}'))
    expect(fault).toMatch(
      new RegExp(`^1:36 nodes.a.interfaces.x.kind: expected ${KINDS}, .*, got "vlna"; did you mean vlan\\?$`),
    )
  })
})

test('a device of the machine’s is in one node', () => {
  const text =
    'nodes: {a: {interfaces: {x: {device: enp3s0}, y: {kind: device, device: enp4s0, mtu: 9000}}}, b: {interfaces: {z: {device: enp3s0}}}}'
  expect(shown(text)).toEqual([expect.stringContaining('a:x has enp3s0 already')])
  const lab = resolve(text.replace(', b: {interfaces: {z: {device: enp3s0}}}', ''))
  expect(interfaceOf(lab, 'a', 'x')).toMatchObject({ kind: 'device', mac: null, mtu: 1500, carrier: false })
  expect(commandsOf(lab, 'a')).toContain('ip link set enp4s0 netns a name y && ip -n a link set dev y mtu 9000')
})
