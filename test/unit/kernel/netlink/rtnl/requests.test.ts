// Every request is, byte for byte, what iproute2 sends for the command that its builder's docstring names.
import { describe, expect, test } from 'vitest'
import { addAddress } from '../../../../../src/kernel/netlink/rtnl/address.js'
import { createBridge } from '../../../../../src/kernel/netlink/rtnl/bridge.js'
import { addAltnames, deleteLink, setLink } from '../../../../../src/kernel/netlink/rtnl/link.js'
import { addNeighbour } from '../../../../../src/kernel/netlink/rtnl/neighbour.js'
import type { Request } from '../../../../../src/kernel/netlink/rtnl/request.js'
import { addRoute } from '../../../../../src/kernel/netlink/rtnl/route.js'
import { createVeth } from '../../../../../src/kernel/netlink/rtnl/veth.js'
import { capture, captured, encoded } from './capture.js'

const target = 'h1:eth0'
/** The descriptor that iproute2 happened to have of the peer's namespace. */
const netnsFd = 4
const eth0 = { target, name: 'eth0', index: 20, mac: '02:00:00:00:00:01', queues: 1 }
const eth1 = { name: 'eth1', index: 21, mac: '02:00:00:00:00:02', netnsFd }

const route = { target, protocol: 'static' } as const

const requests: Record<string, Request> = {
  'veth-to-netns': createVeth({ ...eth0, mtu: 1500, peer: { ...eth1, mtu: 1400 } }),
  'veth-to-bridge': createVeth({ ...eth0, mtu: 9000, master: 30, peer: { ...eth1, mtu: 9000 } }),
  bridge: createBridge({ target, name: 'br0', index: 30, mac: '02:00:00:00:00:03', mtu: 1500 }),
  'link-up': setLink({ target, index: 20, up: true }),
  'link-down': setLink({ target, index: 20, up: false }),
  'link-up-in-bridge': setLink({ target, index: 20, up: true, master: 30 }),
  'link-change': setLink({ target, index: 20, mac: '02:00:00:00:00:07', mtu: 1300, master: null }),
  'link-delete': deleteLink({ target, index: 20 }),
  altnames: addAltnames({ target, index: 20, altnames: ['uplink', 'port-to-the-core-switch'] }),
  'address-ipv4': addAddress({ target, index: 20, family: 4, address: '10.0.0.1/24' }),
  'address-ipv6-nodad': addAddress({ target, index: 20, family: 6, address: 'fd00::1/64', noDad: true }),
  'address-loopback': addAddress({ target, index: 1, family: 4, address: '127.0.1.1/8' }),
  'address-ipv4-on-loopback': addAddress({ target, index: 1, family: 4, address: '192.0.2.1/32' }),
  'route-gateway': addRoute({
    ...route,
    family: 4,
    destination: '10.1.0.0/16',
    nextHops: [{ gateway: '10.0.0.2', index: 20 }],
  }),
  'route-default': addRoute({
    ...route,
    family: 4,
    destination: '0.0.0.0/0',
    nextHops: [{ gateway: '10.0.0.2', index: 20 }],
    source: '10.0.0.1',
    metric: 50,
    protocol: 'boot',
  }),
  'route-on-link': addRoute({
    ...route,
    family: 4,
    destination: '10.2.0.0/16',
    nextHops: [{ gateway: null, index: 20 }],
  }),
  'route-multipath': addRoute({
    ...route,
    family: 4,
    destination: '10.3.0.0/16',
    nextHops: [
      { gateway: '10.0.0.2', index: 20 },
      { gateway: '10.0.0.3', index: 20, weight: 5 },
    ],
  }),
  'route-table': addRoute({
    ...route,
    family: 4,
    destination: '10.4.0.0/16',
    nextHops: [{ gateway: '10.0.0.2', index: 20 }],
    table: 1000,
  }),
  'route-blackhole': addRoute({ ...route, family: 4, destination: '10.5.0.0/16', nextHops: [], type: 'blackhole' }),
  'route-ipv6-gateway': addRoute({
    ...route,
    family: 6,
    destination: 'fd01::/64',
    nextHops: [{ gateway: 'fd00::2', index: 20 }],
    metric: 7,
  }),
  'route-ipv6-default': addRoute({
    ...route,
    family: 6,
    destination: '::/0',
    nextHops: [{ gateway: 'fd00::2', index: 20 }],
  }),
  'route-ipv6-multipath': addRoute({
    ...route,
    family: 6,
    destination: 'fd02::/64',
    nextHops: [
      { gateway: 'fd00::2', index: 20 },
      { gateway: 'fd00::3', index: 20, weight: 2 },
    ],
  }),
  'neighbour-ipv4': addNeighbour({ target, index: 20, address: '10.0.0.2', mac: '02:00:00:00:00:02' }),
  'neighbour-ipv6': addNeighbour({ target, index: 20, address: 'fd00::2', mac: '02:00:00:00:00:02' }),
}

describe('a request equals what iproute2 sends', () => {
  for (const [name, request] of Object.entries(requests)) {
    test(capture(name).command, () => {
      expect(encoded(request)).toBe(captured(name))
    })
  }
})
