// Every parser reads from what the kernel answered what iproute2 read from it.
import { expect, test } from 'vitest'
import { parseAddress } from '../../../../../src/kernel/netlink/rtnl/address.js'
import {
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWNEIGH,
  RTM_NEWROUTE,
} from '../../../../../src/kernel/netlink/rtnl/constants.js'
import { parseLink } from '../../../../../src/kernel/netlink/rtnl/link.js'
import { parseNeighbour } from '../../../../../src/kernel/netlink/rtnl/neighbour.js'
import { parseRoute, parseRoutes, type RouteInfo } from '../../../../../src/kernel/netlink/rtnl/route.js'
import { capture, payloads } from './capture.js'

/** Interfaces of the captures; br0 is a bridge, far the end of a pair whose other end is in another namespace. */
const INDEXES: Record<string, number> = { lo: 1, eth0: 20, eth1: 21, br0: 30, far: 40 }

test('links: kind, MAC, MTU, state, master, the other end, alternative names', () => {
  expect(payloads('links', RTM_NEWLINK).map(parseLink)).toEqual(
    capture('links').shown.map((link) => ({
      index: link.ifindex,
      name: link.ifname,
      kind: link.linkinfo?.info_kind ?? 'loopback',
      mac: link.address,
      permanentMac: link.permaddr ?? null,
      mtu: link.mtu,
      up: link.flags.includes('UP'),
      running: link.flags.includes('LOWER_UP') && !link.flags.includes('NO-CARRIER'),
      operState: link.operstate.toLowerCase(),
      master: link.master ? INDEXES[link.master] : null,
      peerIndex: link.link_index ?? (link.link ? INDEXES[link.link] : null),
      peerNetnsId: link.link_netnsid ?? null,
      altnames: link.altnames ?? [],
      isLearning: ['listening', 'learning'].includes(link.linkinfo?.info_slave_data?.state),
    })),
  )
})

test('addresses: own address and not the peer, scope, states of duplicate address detection', () => {
  const parsed = payloads('addresses', RTM_NEWADDR).map(parseAddress)
  const shown = capture('addresses').shown.flatMap(({ ifindex, addr_info }) =>
    addr_info.map((each: any) => ({ ...each, ifindex })),
  )
  const expected = shown.map((each) => ({
    index: each.ifindex,
    family: each.family === 'inet' ? 4 : 6,
    address: each.local,
    prefixLength: each.prefixlen,
    scope: each.scope,
    flags: { permanent: true, tentative: each.tentative ?? false, dadFailed: false },
  }))
  expect(parsed).toHaveLength(expected.length)
  expect(parsed).toEqual(expect.arrayContaining(expected))
})

const anyAddress = (family: 4 | 6): string => (family === 4 ? '0.0.0.0/0' : '::/0')
const withLength = (family: 4 | 6, destination: string): string =>
  destination.includes('/') ? destination : `${destination}/${family === 4 ? 32 : 128}`

/** A route of `ip -j`, in our words. */
function shownRoute(family: 4 | 6, route: any): RouteInfo {
  const hops = route.nexthops ?? (route.dev ? [route] : [])
  return {
    family,
    destination: route.dst === 'default' ? anyAddress(family) : withLength(family, route.dst),
    type: route.type ?? 'unicast',
    table: route.table ?? 'main',
    protocol: route.protocol ?? 'boot',
    scope: route.scope ?? 'global',
    metric: route.metric ?? null,
    source: route.prefsrc ?? null,
    nextHops: hops.map((hop: any) => ({
      gateway: hop.gateway ?? hop.via?.host ?? null,
      index: INDEXES[hop.dev],
      weight: hop.weight ?? 1,
    })),
  }
}

test.each([
  ['routes-ipv4', 4],
  ['routes-ipv6', 6],
] as const)('%s: multipath, tables, types, an IPv6 gateway of an IPv4 route', (name, family) => {
  expect(parseRoutes(payloads(name, RTM_NEWROUTE))).toEqual(
    capture(name).shown.map((route) => shownRoute(family, route)),
  )
})

test('routes of other families, such as MPLS, are left out', () => {
  const [route] = payloads('routes-ipv4', RTM_NEWROUTE)
  if (!route) throw new Error('nothing captured')
  const AF_MPLS = 28
  const mpls = Buffer.from(route)
  mpls.writeUInt8(AF_MPLS, 0)
  expect(parseRoutes([mpls, route])).toEqual([parseRoute(route)])
})

test('neighbours: address, MAC, state', () => {
  expect(payloads('neighbours', RTM_NEWNEIGH).map(parseNeighbour)).toEqual(
    capture('neighbours').shown.map((neighbour) => ({
      index: INDEXES[neighbour.dev],
      family: neighbour.dst.includes(':') ? 6 : 4,
      address: neighbour.dst,
      mac: neighbour.lladdr,
      state: neighbour.state[0],
    })),
  )
})

test('a bridge’s forwarding entry is no neighbour', () => {
  const AF_BRIDGE = 7
  const ndmsg = Buffer.alloc(12)
  ndmsg.writeUInt8(AF_BRIDGE, 0)
  expect(parseNeighbour(ndmsg)).toBeNull()
})
