// Settings of every kind of link that this kernel has, made by iproute2 and read by nslab; and of routes, next hops, rules and
// forwarding entries, made and read by nslab. Kinds that few kernels have are read in test/vm.
import { describe, expect, test } from 'vitest'
import { addAddress, listAddresses, parseAddressSettings } from '../../../../src/kernel/netlink/rtnl/address.js'
import { createBridge } from '../../../../src/kernel/netlink/rtnl/bridge.js'
import { appendFlood, listForwarding, parseFlood } from '../../../../src/kernel/netlink/rtnl/forwarding.js'
import { listLinks, parseLink, setLink } from '../../../../src/kernel/netlink/rtnl/link.js'
import { parseLinkSettings } from '../../../../src/kernel/netlink/rtnl/link-settings.js'
import { addNexthop, listNexthops, parseNexthop } from '../../../../src/kernel/netlink/rtnl/nexthop.js'
import {
  addRoute,
  listRoutes,
  parseRouteSettings,
  type RouteSettings,
} from '../../../../src/kernel/netlink/rtnl/route.js'
import { addRule, listRules, type NewRule, parseRule, type RuleInfo } from '../../../../src/kernel/netlink/rtnl/rule.js'
import { createVeth } from '../../../../src/kernel/netlink/rtnl/veth.js'
import { createVxlan } from '../../../../src/kernel/netlink/rtnl/vxlan.js'
import { NetlinkSocket } from '../../../../src/kernel/netlink/socket.js'
import { isRoot, Scratch } from '../../../support/kernel-namespaces.js'
import { commandsOf, GROUND, KIND_LINKS, shownSettings } from '../../../support/kind-links.mjs'

const target = 'test'

/** Whether the kernel has no such kind of link, or no VLAN filtering on bridges, whose refusal has no words. */
const isLacked = (name: string, error: unknown): boolean =>
  String(error).includes(name === 'br2' ? 'Operation not supported' : 'Unknown device type')

describe.skipIf(!isRoot)('a link that iproute2 made is read as it was made, and as iproute2 reads it', () => {
  test.for(Object.entries(KIND_LINKS))('%s', async ([name, { kind, settings }], { skip }) => {
    using a = new Scratch()
    a.run(GROUND.join('\n'))
    try {
      a.run(commandsOf(name).join('\n'))
    } catch (error) {
      skip(isLacked(name, error), 'the kernel lacks it')
      throw error
    }
    using socket = NetlinkSocket.open(a.fd)
    const payloads = await socket.dump(listLinks())
    const read = new Map(payloads.map((payload) => [parseLink(payload).name, parseLinkSettings(payload)]))
    expect(read.get(name)).toMatchObject({ kind, ...settings })
    for (const link of a.ip('link')) expect(read.get(link.ifname), link.ifname).toEqual(shownSettings(link))
  })
})

describe.skipIf(!isRoot)('what nslab made is read as it was written', () => {
  // a:eth0 ── a:eth1
  async function connected(a: Scratch): Promise<NetlinkSocket> {
    const socket = NetlinkSocket.open(a.fd)
    const end = { mac: null, mtu: 1500 }
    const peer = { ...end, name: 'eth1', index: 21, netnsFd: a.fd }
    await socket.send([
      setLink({ target, index: 1, up: true }),
      createVeth({ ...end, target, name: 'eth0', index: 20, queues: 1, peer }),
      ...[20, 21].map((index) => setLink({ target, index, up: true })),
      addAddress({ target, index: 20, family: 4, address: '10.0.0.1/24' }),
      addAddress({ target, index: 20, family: 6, address: 'fd00::1/64', noDad: true }),
    ])
    return socket
  }

  test('veth and bridge', async () => {
    using a = new Scratch()
    using socket = await connected(a)
    const times = { forwardDelaySeconds: 2, helloTimeSeconds: 1, maxAgeSeconds: 6, ageingSeconds: 60 }
    const bridge = { ...times, stp: true, priority: 4096, multicastSnooping: false }
    await socket.send([createBridge({ target, name: 'br0', index: 30, mac: null, mtu: 1500, ...bridge })])
    const read = (await socket.dump(listLinks())).map(parseLinkSettings)
    expect(read).toMatchObject([
      null, // the loopback interface
      { kind: 'veth', queues: 1, peer: { index: 21 } },
      { kind: 'veth', queues: 1, peer: { index: 20 } },
      { kind: 'bridge', ...bridge, vlanFiltering: false },
    ])
  })

  test('addresses', async () => {
    using a = new Scratch()
    using socket = await connected(a)
    const read = (await socket.dump(listAddresses())).map(parseAddressSettings)
    expect(read.filter(({ index, address }) => index === 20 && !address.startsWith('fe80'))).toEqual([
      { index: 20, family: 4, address: '10.0.0.1/24', noDad: false },
      { index: 20, family: 6, address: 'fd00::1/64', noDad: true },
    ])
  })

  test('next-hop objects, and routes of every type', async () => {
    using a = new Scratch()
    using socket = await connected(a)
    const group = [1, 2].map((id) => ({ id, weight: 3 * id }))
    const nexthops = [
      { id: 1, protocol: 'static', hop: { family: 4, gateway: '10.0.0.2', index: 20 } },
      { id: 2, protocol: 'static', hop: { family: 4, gateway: null, index: 20 } },
      { id: 3, protocol: 'static', hop: { family: 6, blackhole: true } },
      { id: 4, protocol: 'static', hop: { family: 6, gateway: 'fd00::2', index: 20 } },
      { id: 5, protocol: 'static', hop: { group } },
    ] as const
    await socket.send(nexthops.map((nexthop) => addNexthop({ ...nexthop, target })))
    expect((await socket.dump(listNexthops())).map(parseNexthop)).toEqual(nexthops)

    const hop = (gateway: string | null, weight = 1) => ({ gateway, index: 20, weight })
    const common = { protocol: 'static', source: null, table: 1000, type: 'unicast', nexthopId: undefined } as const
    const ipv4 = { ...common, family: 4, metric: 0, nextHops: [] } as const
    const ipv6 = { ...common, family: 6, metric: 1024, nextHops: [] } as const
    const routes: RouteSettings[] = [
      { ...ipv4, destination: '0.0.0.0/0', nextHops: [hop('10.0.0.2')], source: '10.0.0.1', metric: 9 },
      { ...ipv4, destination: '10.1.0.0/16', nextHops: [hop('10.0.0.2'), hop('10.0.0.3', 256)] },
      { ...ipv4, destination: '10.2.0.0/16', nexthopId: 5 },
      { ...ipv4, destination: '10.3.0.0/16', type: 'prohibit' },
      { ...ipv4, destination: '10.4.0.0/16', nextHops: [hop(null)] },
      { ...ipv6, destination: 'fd01::/64', nextHops: [hop('fd00::2')], source: 'fd00::1' },
      { ...ipv6, destination: 'fd02::/64', nextHops: [hop('fd00::2'), hop('fd00::3', 7)] },
      { ...ipv6, destination: 'fd03::/64', nexthopId: 4 },
      { ...ipv6, destination: 'fd04::/64', type: 'unreachable', metric: 5 },
      { ...ipv6, destination: '::/0', type: 'blackhole' },
    ]
    await socket.send(routes.map((route) => addRoute({ ...route, target })))
    const read = parseRouteSettings(await socket.dump(listRoutes())).filter(({ table }) => table === 1000)
    expect(read).toHaveLength(routes.length)
    expect(read).toEqual(expect.arrayContaining(routes))
  })

  test('rules, beside those of the kernel', async () => {
    using a = new Scratch()
    using socket = await connected(a)
    const bare = { from: undefined, to: undefined, iif: undefined, fwmark: undefined }
    const rules: Omit<NewRule, 'target'>[] = [
      { ...bare, family: 4, priority: 9, from: '10.9.0.0/16', action: 'prohibit' },
      {
        ...{ family: 4, priority: 101, from: '10.1.0.0/16', to: '10.2.0.0/16', iif: 'eth0' },
        ...{ fwmark: { mark: 0x10, mask: 0xff }, action: { table: 100_000 } },
      },
      { ...bare, family: 6, priority: 100, to: 'fd01::/64', action: { table: 100 } },
    ]
    await socket.send(rules.map((rule) => addRule({ ...rule, target })))
    a.run('ip rule add priority 300 oif eth0 table 9')
    const read = (await socket.dump(listRules())).map(parseRule).filter((each) => each !== null)
    const isOwn = ({ protocol }: RuleInfo) => protocol === '0'
    expect(read.filter(isOwn)).toEqual([
      { ...rules[0], protocol: '0', hasOtherSelectors: false },
      { ...rules[1], protocol: '0', hasOtherSelectors: false },
      { ...bare, family: 4, priority: 300, action: { table: 9 }, protocol: '0', hasOtherSelectors: true },
      { ...rules[2], protocol: '0', hasOtherSelectors: false },
    ])
    expect(
      read.filter((each) => !isOwn(each)).map(({ family, priority, protocol }) => [family, priority, protocol]),
    ).toEqual([
      [4, 0, 'kernel'],
      [4, 32766, 'kernel'],
      [4, 32767, 'kernel'],
      [6, 0, 'kernel'],
      [6, 32766, 'kernel'],
    ])
  })

  test('remotes of a VXLAN', async () => {
    using a = new Scratch()
    using socket = await connected(a)
    const vxlan = { remote: '192.0.2.1', local: undefined, dev: undefined, ttl: 64, learning: true, dstport: 4789 }
    await socket.send([
      createVxlan({ target, name: 'vx0', index: 40, mac: null, mtu: 1450, id: 7, ...vxlan }),
      ...['192.0.2.2', '192.0.2.3'].map((remote) => appendFlood({ target, index: 40, remote })),
    ])
    const read = (await socket.dump(listForwarding())).map(parseFlood).filter((each) => each !== null)
    expect(read).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((remote) => ({ index: 40, remote })))
  })
})
