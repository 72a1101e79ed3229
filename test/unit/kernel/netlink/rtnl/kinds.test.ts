// Every kind of device, and rules, next hops and VLANs of bridges: byte for byte what iproute2 sends.
import { describe, expect, test } from 'vitest'
import { createBond } from '../../../../../src/kernel/netlink/rtnl/bond.js'
import { createBridge } from '../../../../../src/kernel/netlink/rtnl/bridge.js'
import { addBridgeVlan, deleteBridgeVlan } from '../../../../../src/kernel/netlink/rtnl/bridge-vlan.js'
import { appendFlood } from '../../../../../src/kernel/netlink/rtnl/forwarding.js'
import { createGeneve } from '../../../../../src/kernel/netlink/rtnl/geneve.js'
import { createGre } from '../../../../../src/kernel/netlink/rtnl/gre.js'
import { createIpTunnel } from '../../../../../src/kernel/netlink/rtnl/ip-tunnel.js'
import { createIpvlan } from '../../../../../src/kernel/netlink/rtnl/ipvlan.js'
import { setLink } from '../../../../../src/kernel/netlink/rtnl/link.js'
import { createMacvlan } from '../../../../../src/kernel/netlink/rtnl/macvlan.js'
import { addNexthop } from '../../../../../src/kernel/netlink/rtnl/nexthop.js'
import { createPlain } from '../../../../../src/kernel/netlink/rtnl/plain-kinds.js'
import type { Request } from '../../../../../src/kernel/netlink/rtnl/request.js'
import { addRoute } from '../../../../../src/kernel/netlink/rtnl/route.js'
import { addRule } from '../../../../../src/kernel/netlink/rtnl/rule.js'
import { createVlan } from '../../../../../src/kernel/netlink/rtnl/vlan.js'
import { createVrf } from '../../../../../src/kernel/netlink/rtnl/vrf.js'
import { createVxlan } from '../../../../../src/kernel/netlink/rtnl/vxlan.js'
import { capture, captured, encoded } from './capture.js'

const target = 'h1:eth0'
/** ifindex of eth0 in the captures. */
const ETH0 = 20
const named = (name: string) => ({ target, name, index: 40, mac: '02:00:00:00:00:04', mtu: 1400 })
const bare = (name: string) => ({ ...named(name), mac: null })
const ipv4 = { local: '192.0.2.1', remote: '192.0.2.2' }
const ipv6 = { local: '2001:db8::1', remote: '2001:db8::2' }
const route4 = { target, protocol: 'static', family: 4, nextHops: [] } as const
const route6 = { target, protocol: 'static', family: 6, nextHops: [] } as const

const requests: Record<string, Request> = {
  'kind-bridge': createBridge({
    ...named('br1'),
    forwardDelaySeconds: 2,
    helloTimeSeconds: 1,
    maxAgeSeconds: 6,
    ageingSeconds: 60,
    stp: true,
    priority: 4096,
    vlanFiltering: true,
    multicastSnooping: false,
    defaultPvid: 0,
  }),
  'kind-vlan': createVlan({ ...bare('vlan10'), parent: ETH0, id: 10, protocol: '802.1q' }),
  'kind-vlan-ad': createVlan({ ...bare('vlan10'), parent: ETH0, id: 10, protocol: '802.1ad' }),
  'kind-vxlan': createVxlan({ ...named('vx42'), ...ipv4, id: 42, dev: ETH0, ttl: 5, learning: false, dstport: 4789 }),
  'kind-vxlan-ipv6': createVxlan({ ...named('vx42'), ...ipv6, id: 0xffffff, ttl: 0, learning: true, dstport: 8472 }),
  'kind-vxlan-group': createVxlan({
    ...named('vx42'),
    remote: '239.1.1.1',
    id: 42,
    dev: ETH0,
    ttl: 0,
    learning: true,
    dstport: 4789,
  }),
  'kind-macvlan': createMacvlan({ ...named('mv0'), parent: ETH0, mode: 'bridge' }),
  'kind-ipvlan': createIpvlan({ ...bare('iv0'), parent: ETH0, mode: 'l3s', flag: 'private' }),
  'kind-dummy': createPlain('dummy', named('dummy0')),
  'kind-ifb': createPlain('ifb', named('ifb0')),
  'kind-wireguard': createPlain('wireguard', bare('wg0')),
  'kind-vrf': createVrf({ ...named('red'), table: 1000 }),
  'kind-bond': createBond({
    ...named('bond0'),
    mode: 'active-backup',
    miimonMs: 100,
    updelayMs: 200,
    downdelayMs: 300,
    primary: ETH0,
  }),
  'kind-bond-lacp': createBond({
    ...named('bond0'),
    mode: '802.3ad',
    miimonMs: 100,
    xmitHashPolicy: 'layer3+4',
    minLinks: 2,
    lacpRate: 'fast',
  }),
  'kind-gre': createGre({ ...bare('gre1'), ...ipv4, kind: 'gre', key: 7, ttl: 64, dev: ETH0 }),
  'kind-gre-plain': createGre({ ...bare('gre1'), ...ipv4, kind: 'gre', ttl: 0 }),
  'kind-gretap': createGre({ ...named('gt1'), ...ipv4, kind: 'gretap', ttl: 0 }),
  'kind-ip6gre': createGre({ ...bare('gre6'), ...ipv6, kind: 'ip6gre', key: 7, ttl: 64 }),
  'kind-ip6gretap': createGre({ ...named('gt6'), ...ipv6, kind: 'ip6gretap', ttl: 64 }),
  'kind-ipip': createIpTunnel({ ...bare('tun1'), ...ipv4, kind: 'ipip', ttl: 64, dev: ETH0 }),
  'kind-sit': createIpTunnel({ ...bare('sit1'), ...ipv4, kind: 'sit', ttl: 0 }),
  'kind-ip6tnl': createIpTunnel({ ...bare('tnl6'), ...ipv6, kind: 'ip6tnl', mode: 'any', ttl: 64, dev: ETH0 }),
  'kind-ip6tnl-ip6ip6': createIpTunnel({ ...bare('tnl6'), ...ipv6, kind: 'ip6tnl', mode: 'ip6ip6', ttl: 64 }),
  'kind-geneve': createGeneve({ ...named('gen4'), id: 4, remote: '192.0.2.2', ttl: 64, dstport: 6081 }),
  'kind-geneve-ipv6': createGeneve({ ...named('gen4'), id: 4, remote: '2001:db8::2', ttl: 0, dstport: 7000 }),

  'link-master': setLink({ target, index: ETH0, master: 30 }),
  'bridge-vlan-add': addBridgeVlan({ target, index: ETH0, vid: 10, pvid: true, untagged: true, self: false }),
  'bridge-vlan-tagged': addBridgeVlan({ target, index: ETH0, vid: 20, pvid: false, untagged: false, self: false }),
  'bridge-vlan-self': addBridgeVlan({ target, index: 30, vid: 20, pvid: false, untagged: false, self: true }),
  'bridge-vlan-delete': deleteBridgeVlan({ target, index: ETH0, vid: 1, self: false }),
  'fdb-append': appendFlood({ target, index: 40, remote: '192.0.2.2' }),
  'rule-from': addRule({ target, family: 4, priority: 100, from: '10.1.0.0/16', action: { table: 100 } }),
  'rule-everything': addRule({
    target,
    family: 4,
    priority: 101,
    from: '10.1.0.0/16',
    to: '10.2.0.0/16',
    fwmark: { mark: 0x10, mask: 0xff },
    iif: 'eth0',
    action: { table: 1000 },
  }),
  'rule-ipv6': addRule({ target, family: 6, priority: 100, to: 'fd01::/64', action: { table: 100 } }),
  'rule-prohibit': addRule({ target, family: 4, priority: 9, from: '10.9.0.0/16', action: 'prohibit' }),
  'nexthop-gateway': addNexthop({
    target,
    protocol: 'static',
    id: 1,
    hop: { family: 4, gateway: '10.0.0.2', index: ETH0 },
  }),
  'nexthop-ipv6': addNexthop({
    target,
    protocol: 'static',
    id: 1,
    hop: { family: 6, gateway: 'fd00::2', index: ETH0 },
  }),
  'nexthop-device': addNexthop({ target, protocol: 'static', id: 3, hop: { family: 4, gateway: null, index: ETH0 } }),
  'nexthop-blackhole': addNexthop({ target, protocol: 'static', id: 4, hop: { family: 4, blackhole: true } }),
  'nexthop-group': addNexthop({
    target,
    protocol: 'static',
    id: 10,
    hop: {
      group: [
        { id: 1, weight: 1 },
        { id: 2, weight: 3 },
      ],
    },
  }),
  'route-nexthop': addRoute({ ...route4, destination: '10.6.0.0/16', nexthopId: 1 }),
  'route-ipv6-nexthop': addRoute({ ...route6, destination: 'fd06::/64', nexthopId: 1 }),
  'route-unreachable': addRoute({ ...route4, type: 'unreachable', destination: '10.7.0.0/16', metric: 9, table: 100 }),
  'route-ipv6-blackhole': addRoute({ ...route6, destination: 'fd07::/64', type: 'blackhole' }),
  'route-ipv6-prohibit': addRoute({ ...route6, destination: 'fd08::/64', type: 'prohibit', metric: 5 }),
}

describe('a request equals what iproute2 sends', () => {
  for (const [name, request] of Object.entries(requests)) {
    test(capture(name).command, () => {
      expect(encoded(request)).toBe(captured(name))
    })
  }
})
