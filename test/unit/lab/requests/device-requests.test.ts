// The request for a device has the settings of the topology, with the interfaces that they name by ifindex. Read back by
// the parser of link settings, which is tested against the kernel.
import { expect, test } from 'vitest'
import { parseLinkSettings } from '../../../../src/kernel/netlink/rtnl/link-settings.js'
import type { Request } from '../../../../src/kernel/netlink/rtnl/request.js'
import { MessageWriter } from '../../../../src/kernel/netlink/rtnl/writer.js'
import { deviceRequest } from '../../../../src/lab/requests/device-requests.js'
import { planLab } from '../../../../src/plan/build.js'
import { nodeOf, resolve } from '../../topology/support.js'

const NLMSGHDR_LENGTH = 16

const lab = resolve(`nodes:
  a:
    interfaces:
      dummy: {kind: dummy}
      ifb: {kind: ifb}
      vlan: {kind: vlan, parent: eth0, id: 5, protocol: 802.1ad}
      macvlan: {kind: macvlan, parent: eth1, mode: vepa}
      ipvlan: {kind: ipvlan, parent: eth2, mode: l2, flag: private}
      gre: {kind: gre, remote: b, key: 7, dev: eth0, ttl: 9}
      gretap: {kind: gretap, remote: b, key: 8}
      ip6gre: {kind: ip6gre, remote: b}
      ip6gretap: {kind: ip6gretap, remote: b, key: 3}
      ipip: {kind: ipip, remote: b, dev: lo}
      sit: {kind: sit, remote: b}
      ip6tnl: {kind: ip6tnl, remote: b, mode: ipip6}
      geneve: {kind: geneve, id: 9, remote: "b:eth0"}
      vrf: {kind: vrf, table: 9}
      vxlan: {kind: vxlan, id: 7, remote: [b, 192.0.2.9], dev: eth0}
      bond: {kind: bond, members: [eth3, eth4], primary: eth3, updelay: 5, min_links: 1, lacp_rate: fast, mode: 802.3ad}
      wireguard: {kind: wireguard, port: 5}
  b: {}
links: [[a, b], [a, b], [a, b], [a, b], [a, b]]`)

const indexOf = (name: string) => nodeOf(lab, 'a').interfaces.find((each) => each.name === name)?.index

const requests = new Map(
  planLab(lab).flatMap((op): [string, Request][] => (op.op === 'link.add' ? [[op.interface, deviceRequest(op)]] : [])),
)

function settingsIn({ type, flags, encode }: Request) {
  const writer = new MessageWriter(Buffer.alloc(4096))
  const start = writer.begin(type, flags, 0)
  encode(writer)
  writer.end(start)
  return parseLinkSettings(writer.buffer.subarray(NLMSGHDR_LENGTH, writer.length))
}

test.each([
  ['dummy', {}],
  ['ifb', {}],
  ['wireguard', {}],
  ['vlan', { parent: indexOf('eth0'), id: 5, protocol: '802.1ad' }],
  ['macvlan', { parent: indexOf('eth1'), mode: 'vepa' }],
  ['ipvlan', { parent: indexOf('eth2'), mode: 'l2', flag: 'private' }],
  ['gre', { local: '10.0.0.0', remote: '10.0.0.1', dev: indexOf('eth0'), ttl: 9, key: 7 }],
  ['gretap', { local: '10.0.0.0', remote: '10.0.0.1', dev: undefined, ttl: 0, key: 8 }],
  ['ip6gre', { local: 'fd00::', remote: 'fd00::1', ttl: 64, key: undefined }],
  ['ip6gretap', { local: 'fd00::', remote: 'fd00::1', ttl: 64, key: 3 }],
  ['ipip', { local: '10.0.0.0', remote: '10.0.0.1', dev: 1, ttl: 0 }],
  ['sit', { local: '10.0.0.0', remote: '10.0.0.1', dev: undefined, ttl: 0 }],
  ['ip6tnl', { local: 'fd00::', remote: 'fd00::1', ttl: 64, mode: 'ipip6' }],
  ['geneve', { id: 9, remote: '10.0.0.1', ttl: 64, dstport: 6081 }],
  ['vrf', { table: 9 }],
  [
    'vxlan',
    { id: 7, local: '10.0.0.0', remote: '10.0.0.1', dev: indexOf('eth0'), ttl: 64, learning: true, dstport: 4789 },
  ],
  ['bond', { mode: '802.3ad', miimonMs: 100, updelayMs: 5, primary: indexOf('eth3'), minLinks: 1, lacpRate: 'fast' }],
])('%s', (kind, settings) => {
  expect(settingsIn(requests.get(kind) as Request)).toMatchObject({ kind, ...settings })
})

test('no kind is left out', () => {
  expect(requests.size).toBe(17)
})
