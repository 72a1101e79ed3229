// What deletes, replaces and changes is, byte for byte, what iproute2 sends for the command that its builder's docstring names.
import { describe, expect, test } from 'vitest'
import { deleteAddress } from '../../../../../src/kernel/netlink/rtnl/address.js'
import { createBridge } from '../../../../../src/kernel/netlink/rtnl/bridge.js'
import { changeKind } from '../../../../../src/kernel/netlink/rtnl/change-kind.js'
import { deleteFlood } from '../../../../../src/kernel/netlink/rtnl/forwarding.js'
import { deleteNeighbour } from '../../../../../src/kernel/netlink/rtnl/neighbour.js'
import { deleteNexthop, replaceNexthop } from '../../../../../src/kernel/netlink/rtnl/nexthop.js'
import type { Request } from '../../../../../src/kernel/netlink/rtnl/request.js'
import { appendRoute, deleteRoute, replaceRoute } from '../../../../../src/kernel/netlink/rtnl/route.js'
import { deleteRule } from '../../../../../src/kernel/netlink/rtnl/rule.js'
import { capture, captured, encoded } from './capture.js'

const target = 'h1:eth0'
const bridge = { target, name: 'br0', index: 30, mac: null, mtu: 1500 }
const paths = (first: string, second: string, weight: number) => [
  { gateway: first, index: 20 },
  { gateway: second, index: 20, weight },
]

const requests: Record<string, Request> = {
  'address-delete': deleteAddress({ target, index: 20, family: 6, address: 'fd00::1/64' }),
  'route-delete': deleteRoute({
    ...{ target, family: 4, destination: '10.1.0.0/16', metric: 7 },
    nextHops: [{ gateway: '10.0.0.2', index: 20 }],
  }),
  'route-replace': replaceRoute({
    ...{ target, protocol: 'static', family: 4, destination: '10.3.0.0/16' },
    nextHops: paths('10.0.0.2', '10.0.0.3', 5),
  }),
  'route-append': appendRoute({
    ...{ target, protocol: 'static', family: 4, destination: '10.1.0.0/16' },
    nextHops: [{ gateway: '10.0.0.2', index: 20 }],
  }),
  'route-ipv6-replace': replaceRoute({
    ...{ target, protocol: 'static', family: 6, destination: 'fd02::/64' },
    nextHops: paths('fd00::2', 'fd00::3', 2),
  }),
  'neighbour-delete': deleteNeighbour({ target, index: 20, address: '10.0.0.2' }),
  'bridge-change': changeKind(
    30,
    createBridge({ ...bridge, stp: false, priority: 32_768, multicastSnooping: true, ageingSeconds: 300 }),
    createBridge({ ...bridge, stp: true, priority: 4096, multicastSnooping: false, ageingSeconds: 300 }),
  ),
  'fdb-delete': deleteFlood({ target, index: 40, remote: '192.0.2.2' }),
  'rule-delete': deleteRule({ target, family: 4, priority: 100, from: '10.1.0.0/16', action: 'prohibit' }),
  'nexthop-replace': replaceNexthop({
    ...{ target, id: 1, protocol: 'static' },
    hop: { family: 4, gateway: '10.0.0.3', index: 20 },
  }),
  'nexthop-delete': deleteNexthop({ target, id: 1 }),
}

describe('requests', () => {
  test.each(Object.entries(requests))('%s', (name, request) => {
    expect(encoded(request), capture(name).command).toBe(captured(name))
  })
})
