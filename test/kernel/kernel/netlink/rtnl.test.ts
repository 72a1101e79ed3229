// Requests of every kind, carried out by the kernel and read back with iproute2 and with our own parsers.
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { addAddress, listAddresses, parseAddress } from '../../../../src/kernel/netlink/rtnl/address.js'
import { createBridge } from '../../../../src/kernel/netlink/rtnl/bridge.js'
import {
  addAltnames,
  deleteLink,
  getLink,
  listLinks,
  parseLink,
  setLink,
} from '../../../../src/kernel/netlink/rtnl/link.js'
import {
  addNeighbour,
  addNeighbours,
  listNeighbours,
  NeighbourMessages,
  parseNeighbour,
} from '../../../../src/kernel/netlink/rtnl/neighbour.js'
import type { Request } from '../../../../src/kernel/netlink/rtnl/request.js'
import { addRoute, listRoutes, parseRoutes } from '../../../../src/kernel/netlink/rtnl/route.js'
import { createVeth } from '../../../../src/kernel/netlink/rtnl/veth.js'
import { NetlinkSocket } from '../../../../src/kernel/netlink/socket.js'
import { isRoot, Scratch } from '../../../support/kernel-namespaces.js'

const target = 'test'
const route = { target, protocol: 'static' } as const
const MAC_A = '02:00:00:00:00:0a'
const MAC_B = '02:00:00:00:00:0b'

/** A veth pair: eth0 with index 20 here, eth0 with index 30 in the other namespace. */
const pair = (other: Scratch): Request =>
  createVeth({
    target,
    name: 'eth0',
    index: 20,
    mac: MAC_A,
    mtu: 1400,
    queues: 1,
    peer: { name: 'eth0', index: 30, mac: MAC_B, mtu: 1300, netnsFd: other.fd },
  })

const hop = (gateway: string | null, weight = 1) => ({ gateway, index: 20, weight })

/** The pair up in both namespaces, with addresses on this side. */
async function connect(here: NetlinkSocket, there: NetlinkSocket, other: Scratch): Promise<void> {
  await here.send([pair(other), setLink({ target, index: 20, up: true })])
  await there.send([setLink({ target, index: 30, up: true })])
  await here.send([
    addAddress({ target, index: 20, family: 4, address: '10.0.0.1/24' }),
    addAddress({ target, index: 20, family: 6, address: 'fd00::1/64', noDad: true }),
  ])
}

describe.skipIf(!isRoot)('the kernel carries out', () => {
  // a:eth0 ── b:eth0
  test('a veth pair over two namespaces, with final names, indexes, MACs and MTUs', async () => {
    using a = new Scratch()
    using b = new Scratch()
    using socket = NetlinkSocket.open(a.fd)
    using far = NetlinkSocket.open(b.fd)
    await socket.send([pair(b)])
    const oneQueue = { num_tx_queues: 1, num_rx_queues: 1 }
    expect(a.ip('link', 'show', 'dev', 'eth0')).toMatchObject([
      { ifindex: 20, address: MAC_A, mtu: 1400, link_index: 30, linkinfo: { info_kind: 'veth' }, ...oneQueue },
    ])
    expect(b.ip('link', 'show', 'dev', 'eth0')).toMatchObject([
      { ifindex: 30, address: MAC_B, mtu: 1300, link_index: 20, ...oneQueue },
    ])
    await socket.send([setLink({ target, index: 20, up: true })])
    expect(parseLink(await socket.get(getLink({ target, name: 'eth0' })))).toMatchObject({ up: true, running: false })
    await far.send([setLink({ target, index: 30, up: true })])
    const running = async () => parseLink(await socket.get(getLink({ target, index: 20 }))).running
    for (let tries = 0; !(await running()) && tries < 100; tries++) await setTimeout(20)
    expect(parseLink(await socket.get(getLink({ target, index: 20 })))).toEqual({
      index: 20,
      name: 'eth0',
      kind: 'veth',
      mac: MAC_A,
      permanentMac: null,
      mtu: 1400,
      up: true,
      running: true,
      operState: 'up',
      master: null,
      isLearning: false,
      peerIndex: 30,
      peerNetnsId: expect.any(Number),
      altnames: [],
    })
    await socket.send([deleteLink({ target, index: 20 })])
    expect(b.ip('link').map((link) => link.ifname)).toEqual(['lo'])
  })

  // a:br0 ─ a:port1 ── b:eth0
  test('a bridge, its ports, and changes of a link', async () => {
    using a = new Scratch()
    using b = new Scratch()
    using socket = NetlinkSocket.open(a.fd)
    await socket.send([
      createBridge({ target, name: 'br0', index: 40, mac: '02:00:00:00:00:0c', mtu: 1400 }),
      createVeth({
        target,
        name: 'port1',
        index: 41,
        mac: null,
        mtu: 1500,
        queues: 1,
        master: 40,
        peer: { name: 'eth0', index: 30, mac: null, mtu: 1500, netnsFd: b.fd },
      }),
      addAltnames({ target, index: 41, altnames: ['uplink', 'to-the-other-side'] }),
      setLink({ target, index: 41, mtu: 1350, mac: '02:00:00:00:00:0d' }),
    ])
    expect(a.ip('link', 'show', 'master', 'br0')).toMatchObject([
      { ifname: 'port1', mtu: 1350, address: '02:00:00:00:00:0d', altnames: ['uplink', 'to-the-other-side'] },
    ])
    const links = (await socket.dump(listLinks())).map(parseLink)
    expect(links).toMatchObject([
      { name: 'lo', kind: 'loopback', up: false },
      { name: 'br0', kind: 'bridge', mac: '02:00:00:00:00:0c', peerIndex: null },
      { name: 'port1', kind: 'veth', master: 40, altnames: ['uplink', 'to-the-other-side'] },
    ])
    await socket.send([setLink({ target, name: 'port1', master: null })])
    expect(a.ip('link', 'show', 'master', 'br0')).toEqual([])
  })

  test('addresses of both families, IPv6 at once', async () => {
    using a = new Scratch()
    using b = new Scratch()
    using here = NetlinkSocket.open(a.fd)
    using there = NetlinkSocket.open(b.fd)
    await connect(here, there, b)
    const shown = a.ip('address', 'show', 'dev', 'eth0')[0].addr_info.filter((each: any) => each.scope === 'global')
    expect(shown).toMatchObject([
      { family: 'inet', local: '10.0.0.1', prefixlen: 24, scope: 'global' },
      { family: 'inet6', local: 'fd00::1', prefixlen: 64, nodad: true },
    ])
    const flags = { permanent: true, tentative: false, dadFailed: false }
    const parsed = (await here.dump(listAddresses())).map(parseAddress)
    expect(parsed).toEqual(
      expect.arrayContaining([
        { index: 20, family: 4, address: '10.0.0.1', prefixLength: 24, scope: 'global', flags },
        { index: 20, family: 6, address: 'fd00::1', prefixLength: 64, scope: 'global', flags },
      ]),
    )
  })

  test('routes: one gateway, several with weights, none, and no way at all', async () => {
    using a = new Scratch()
    using b = new Scratch()
    using here = NetlinkSocket.open(a.fd)
    using there = NetlinkSocket.open(b.fd)
    await connect(here, there, b)
    await here.send([
      addRoute({ ...route, family: 4, destination: '10.1.0.0/16', nextHops: [hop('10.0.0.2')], source: '10.0.0.1' }),
      addRoute({ ...route, family: 4, destination: '10.2.0.0/16', nextHops: [hop('10.0.0.2'), hop('10.0.0.3', 4)] }),
      addRoute({ ...route, family: 4, destination: '10.3.0.0/16', nextHops: [hop(null)] }),
      addRoute({ ...route, family: 4, destination: '10.4.0.0/16', nextHops: [], type: 'prohibit', table: 1000 }),
      addRoute({ ...route, family: 6, destination: 'fd02::/64', nextHops: [hop('fd00::2'), hop('fd00::3')] }),
      addRoute({ ...route, family: 6, destination: '::/0', nextHops: [hop('fd00::2')], metric: 9 }),
      addRoute({ ...route, family: 6, destination: 'fd03::/64', nextHops: [], type: 'unreachable' }),
    ])
    expect(a.ip('-4', 'route', 'show', 'table', 'all', 'proto', 'static')).toMatchObject([
      { type: 'prohibit', dst: '10.4.0.0/16', table: '1000' },
      { dst: '10.1.0.0/16', gateway: '10.0.0.2', dev: 'eth0', prefsrc: '10.0.0.1' },
      {
        dst: '10.2.0.0/16',
        nexthops: [
          { gateway: '10.0.0.2', weight: 1 },
          { gateway: '10.0.0.3', weight: 4 },
        ],
      },
      { dst: '10.3.0.0/16', dev: 'eth0', scope: 'link' },
    ])
    const ours = parseRoutes(await here.dump(listRoutes())).filter((route) => route.protocol === 'static')
    expect(ours.map(({ destination, type, nextHops }) => [destination, type, nextHops.length])).toEqual([
      ['10.4.0.0/16', 'prohibit', 0],
      ['10.1.0.0/16', 'unicast', 1],
      ['10.2.0.0/16', 'unicast', 2],
      ['10.3.0.0/16', 'unicast', 1],
      ['fd02::/64', 'unicast', 2],
      ['fd03::/64', 'unreachable', 1],
      ['::/0', 'unicast', 1],
    ])
    const six = parseRoutes(await here.dump(listRoutes(6)))
    expect(new Set(six.map((route) => route.family))).toEqual(new Set([6]))
  })

  test('permanent neighbours, also over those that are there', async () => {
    using a = new Scratch()
    using b = new Scratch()
    using here = NetlinkSocket.open(a.fd)
    using there = NetlinkSocket.open(b.fd)
    await connect(here, there, b)
    const entries = ['10.0.0.2', 'fd00::2'].map((address) => ({ address, mac: MAC_B }))
    const one = entries.map((entry) => addNeighbour({ ...entry, target, index: 20 }))
    const all = addNeighbours({ target, index: 20, entries }, new NeighbourMessages())
    await here.send([...one, ...one, all, all])
    const permanent = a.ip('neighbour', 'show', 'nud', 'permanent')
    expect(permanent.map(({ dst, lladdr, dev }) => [dst, lladdr, dev])).toEqual([
      ['10.0.0.2', MAC_B, 'eth0'],
      ['fd00::2', MAC_B, 'eth0'],
    ])
    const parsed = (await here.dump(listNeighbours())).map(parseNeighbour)
    expect(parsed.filter((each) => each?.state === 'PERMANENT')).toEqual([
      { index: 20, family: 4, address: '10.0.0.2', mac: MAC_B, state: 'PERMANENT' },
      { index: 20, family: 6, address: 'fd00::2', mac: MAC_B, state: 'PERMANENT' },
    ])
  })
})
