// Interfaces as the kernel reports them, in the words of a plan: messages recorded of links that iproute2 made, of every kind, and
// requests for those of a topology.
import { expect, test } from 'vitest'
import { RTM_NEWLINK } from '../../../../src/kernel/netlink/rtnl/constants.js'
import { parseLinkSettings } from '../../../../src/kernel/netlink/rtnl/link-settings.js'
import { readLink } from '../../../../src/lab/read/interfaces.js'
import { bridgeRequest, deviceRequest } from '../../../../src/lab/requests/device-requests.js'
import { wordsOf } from '../../../../src/lab/requests/device-settings.js'
import { referencesOf } from '../../../../src/model/interfaces/kinds.js'
import { planLab } from '../../../../src/plan/build.js'
import { KIND_LINKS } from '../../../support/kind-links.mjs'
import { payloadOf, payloads } from '../../kernel/netlink/rtnl/capture.js'
import { resolve } from '../../topology/support.js'

const links = new Map(payloads('kind-links', RTM_NEWLINK).map((payload) => [readLink(payload).name, readLink(payload)]))

test('every kind that a topology has was recorded', () => {
  const kinds = new Set([...links.values()].map(({ kind }) => kind))
  for (const kind of [
    'bond',
    'bridge',
    'dummy',
    'ifb',
    'ipvlan',
    'macvlan',
    'tap',
    'tun',
    'veth',
    'vlan',
    'vrf',
    'vxlan',
    'wireguard',
  ]) {
    expect(kinds, kind).toContain(kind)
  }
})

const WITHOUT_SETTINGS = ['veth', 'dummy', 'ifb', 'wireguard', 'tun']
const OWN_NAMES = ['bridge', 'bond', 'vxlan']
const others = Object.entries(KIND_LINKS as Record<string, { kind: string; settings: object }>).filter(
  ([, { kind }]) => !OWN_NAMES.includes(kind),
)

test.each(others)('%s', (name, { kind, settings }) => {
  const words = WITHOUT_SETTINGS.includes(kind) ? null : JSON.parse(JSON.stringify({ kind, ...settings }))
  const read = links.get(name)?.settings
  expect(read === null || words === null ? read : { ...read }).toEqual(words)
})

test('bridges, bonds and VXLANs in the words of a topology', () => {
  expect(links.get('br1')?.settings).toMatchObject({
    ...{ kind: 'bridge', stp: true, priority: 4096, forward_delay: 2.5, hello_time: 1.5, max_age: 6.5, ageing: 60 },
    ...{ multicast_snooping: false, vlan_filtering: false },
  })
  expect(links.get('br2')?.settings).toMatchObject({ vlan_filtering: true, default_pvid: 7, group_fwd_mask: 0 })
  expect(links.get('bond1')?.settings).toEqual({
    ...{ kind: 'bond', mode: '802.3ad', miimon: 50, updelay: 100, downdelay: 150 },
    ...{ xmit_hash_policy: 'vlan+srcmac', min_links: 2, lacp_rate: 'fast' },
  })
  expect(links.get('bond2')?.settings).toMatchObject({ mode: 'active-backup', updelay: 200, primary: 23 })
  expect(links.get('vx1')?.settings).toEqual({
    ...{ kind: 'vxlan', id: 16_777_215, remote: ['198.51.100.1'], local: '192.0.2.1', dev: 20, ttl: 255 },
    ...{ learning: false, dstport: 8472 },
  })
  expect(links.get('vx3')?.settings).toEqual({
    ...{ kind: 'vxlan', id: 3, remote: [], ttl: 0, learning: true, dstport: 4790 },
  })
})

test('a tap is no tun, and a veth end says where its other end is', () => {
  expect([links.get('tap1')?.kind, links.get('tun1')?.kind, links.get('lo')?.kind]).toEqual(['tap', 'tun', 'loopback'])
  expect(links.get('eth0')).toMatchObject({ kind: 'veth', peerIndex: 21, peerNetnsId: null })
  expect(links.get('bond2')?.peerIndex).toBeNull()
  expect(links.get('eth3')?.master).toBe(links.get('bond2')?.index)
})

const ops = planLab(
  resolve(`nodes:
  a:
    interfaces:
      vlan: {kind: vlan, parent: eth0, id: 5, protocol: 802.1ad}
      macvlan: {kind: macvlan, parent: eth1, mode: vepa}
      ipvlan: {kind: ipvlan, parent: eth2, mode: l2, flag: private}
      gre: {kind: gre, remote: b, key: 7, dev: eth0, ttl: 9}
      ip6gretap: {kind: ip6gretap, remote: b, key: 3}
      ipip: {kind: ipip, remote: b, dev: lo}
      ip6tnl: {kind: ip6tnl, remote: b, mode: ipip6}
      geneve: {kind: geneve, id: 9, remote: "b:eth0"}
      vrf: {kind: vrf, table: 9}
      vxlan: {kind: vxlan, id: 7, remote: [b], dev: eth0}
      bond: {kind: bond, members: [eth3], primary: eth3, updelay: 5, min_links: 1, lacp_rate: fast, mode: 802.3ad}
      bridge: {kind: bridge, stp: true, priority: 4096, forward_delay: 4, ageing: 60, vlan_filtering: true, default_pvid: 7, group_fwd_mask: 8}
  b: {}
links: [[a, b], [a, b], [a, b], [a, b]]`),
).filter((op) => op.op === 'link.add' || op.op === 'bridge.add')

/** A Geneve device has no local address: the plan has one all the same. */
const UNMADE: Record<string, object> = { geneve: { local: undefined } }

test.each(ops.map((op) => [op.interface, op] as const))(
  'a request for %s is read in the words it was made of',
  (_, op) => {
    const settings = parseLinkSettings(payloadOf(op.op === 'bridge.add' ? bridgeRequest(op) : deviceRequest(op)))
    const { settings: own = { kind: 'bridge' as const } } = op
    const indexes = op.op === 'bridge.add' ? [] : referencesOf(own).map(({ key, name }) => [key, op.indexes[name]])
    expect(settings && wordsOf(settings)).toMatchObject(
      JSON.parse(JSON.stringify({ ...own, ...Object.fromEntries(indexes), ...UNMADE[op.interface] })),
    )
  },
)
