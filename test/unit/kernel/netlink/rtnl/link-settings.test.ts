// What a link's kind has of its own: read back as it was written, and as iproute2 reads it.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBond } from '../../../../../src/kernel/netlink/rtnl/bond.js'
import { createBridge } from '../../../../../src/kernel/netlink/rtnl/bridge.js'
import { RTM_NEWLINK } from '../../../../../src/kernel/netlink/rtnl/constants.js'
import { createGeneve } from '../../../../../src/kernel/netlink/rtnl/geneve.js'
import { createGre } from '../../../../../src/kernel/netlink/rtnl/gre.js'
import { createIpTunnel } from '../../../../../src/kernel/netlink/rtnl/ip-tunnel.js'
import { createIpvlan } from '../../../../../src/kernel/netlink/rtnl/ipvlan.js'
import { parseLink } from '../../../../../src/kernel/netlink/rtnl/link.js'
import { type LinkSettings, parseLinkSettings } from '../../../../../src/kernel/netlink/rtnl/link-settings.js'
import { createMacvlan } from '../../../../../src/kernel/netlink/rtnl/macvlan.js'
import { createPlain } from '../../../../../src/kernel/netlink/rtnl/plain-kinds.js'
import type { Request } from '../../../../../src/kernel/netlink/rtnl/request.js'
import { createVeth } from '../../../../../src/kernel/netlink/rtnl/veth.js'
import { createVlan } from '../../../../../src/kernel/netlink/rtnl/vlan.js'
import { createVrf } from '../../../../../src/kernel/netlink/rtnl/vrf.js'
import { createVxlan } from '../../../../../src/kernel/netlink/rtnl/vxlan.js'
import { KIND_LINKS, shownSettings } from '../../../../support/kind-links.mjs'
import { capture, payloadOf, payloads, requested } from './capture.js'
import { index, ipv4, ipv6, maybe, u8, u16, u32 } from './values.js'

const link = { target: 'h1:x', name: 'x', index: 40, mac: null, mtu: 1400 }

const hundredths = fc.integer({ min: 0, max: 100_000_000 }).map((number) => number / 100)
const ends = (address: fc.Arbitrary<string>) => ({
  ...{ local: maybe(address), remote: maybe(address), dev: maybe(index), ttl: u8 },
})
const vxlanEnds = fc.oneof(fc.record(ends(ipv4)), fc.record(ends(ipv6)))
const bondModes = [
  ...(['balance-rr', 'active-backup', 'balance-xor', 'broadcast'] as const),
  ...(['802.3ad', 'balance-tlb', 'balance-alb'] as const),
]
const policies = ['layer2', 'layer3+4', 'layer2+3', 'encap2+3', 'encap3+4', 'vlan+srcmac'] as const
const vni = fc.integer({ min: 0, max: 0xff_ffff })

/** Settings of a kind, and the request that they are written into. */
type Written = { settings: LinkSettings; request: Request }
const written: Record<LinkSettings['kind'] & string, fc.Arbitrary<Written> | null> = {
  bond: fc
    .record({
      ...{
        mode: fc.constantFrom(...bondModes),
        miimonMs: u32,
        updelayMs: u32,
        downdelayMs: u32,
        primary: maybe(index),
      },
      ...{ xmitHashPolicy: fc.constantFrom(...policies), minLinks: u32, lacpRate: fc.constantFrom('slow', 'fast') },
    })
    .map((own) => ({ settings: { kind: 'bond', ...own }, request: createBond({ ...link, ...own }) })),
  bridge: fc
    .record({
      ...{ forwardDelaySeconds: hundredths, helloTimeSeconds: hundredths, maxAgeSeconds: hundredths },
      ...{ ageingSeconds: hundredths, stp: fc.boolean(), priority: u16, vlanFiltering: fc.boolean() },
      ...{ multicastSnooping: fc.boolean(), defaultPvid: u16, groupFwdMask: u16 },
    })
    .map((own) => ({ settings: { kind: 'bridge', ...own }, request: createBridge({ ...link, ...own }) })),
  ...plainKinds(),
  geneve: fc
    .record({ id: vni, remote: fc.oneof(ipv4, ipv6), ttl: u8, dstport: u16 })
    .map((own) => ({ settings: { kind: 'geneve', ...own }, request: createGeneve({ ...link, ...own }) })),
  gre: gre('gre', ipv4),
  gretap: gre('gretap', ipv4),
  ip6gre: gre('ip6gre', ipv6),
  ip6gretap: gre('ip6gretap', ipv6),
  ip6tnl: fc.record({ ...ends(ipv6), mode: fc.constantFrom('any', 'ipip6', 'ip6ip6') }).map((own) => ({
    settings: { kind: 'ip6tnl', ...own },
    request: createIpTunnel({ ...link, ...own, kind: 'ip6tnl' }),
  })),
  ipip: ipTunnel('ipip'),
  ipvlan: fc
    .record({
      ...{
        parent: index,
        mode: fc.constantFrom('l2', 'l3', 'l3s'),
        flag: fc.constantFrom('bridge', 'private', 'vepa'),
      },
    })
    .map((own) => ({ settings: { kind: 'ipvlan', ...own }, request: createIpvlan({ ...link, ...own }) })),
  macvlan: fc
    .record({ parent: index, mode: fc.constantFrom('private', 'vepa', 'bridge', 'passthru') })
    .map((own) => ({ settings: { kind: 'macvlan', ...own }, request: createMacvlan({ ...link, ...own }) })),
  sit: ipTunnel('sit'),
  // Written by ioctl(2).
  tun: null,
  // The kernel tells of the other end otherwise than it is told.
  veth: null,
  vlan: fc
    .record({
      ...{ parent: index, id: fc.integer({ min: 1, max: 4094 }), protocol: fc.constantFrom('802.1q', '802.1ad') },
    })
    .map((own) => ({ settings: { kind: 'vlan', ...own }, request: createVlan({ ...link, ...own }) })),
  vrf: u32.map((table) => ({ settings: { kind: 'vrf', table }, request: createVrf({ ...link, table }) })),
  vxlan: fc.tuple(fc.record({ id: vni, learning: fc.boolean(), dstport: u16 }), vxlanEnds).map(([own, ends]) => ({
    settings: { kind: 'vxlan', ...own, ...ends },
    request: createVxlan({ ...link, ...own, ...ends }),
  })),
}

function plainKinds() {
  const plain = <K extends 'dummy' | 'ifb' | 'wireguard'>(kind: K) =>
    fc.constant({ settings: { kind }, request: createPlain(kind, link) })
  return { dummy: plain('dummy'), ifb: plain('ifb'), wireguard: plain('wireguard') }
}

function gre<K extends 'gre' | 'gretap' | 'ip6gre' | 'ip6gretap'>(kind: K, address: fc.Arbitrary<string>) {
  return fc
    .record({ ...ends(address), key: maybe(u32) })
    .map((own) => ({ settings: { kind, ...own } as LinkSettings, request: createGre({ ...link, ...own, kind }) }))
}

function ipTunnel<K extends 'ipip' | 'sit'>(kind: K) {
  return fc
    .record(ends(ipv4))
    .map((own) => ({ settings: { kind, ...own } as LinkSettings, request: createIpTunnel({ ...link, ...own, kind }) }))
}

describe('what is written is read back', () => {
  for (const [kind, arbitrary] of Object.entries(written)) {
    if (!arbitrary) continue
    test(kind, () => {
      fc.assert(
        fc.property(arbitrary, ({ settings, request }) => {
          expect(parseLinkSettings(payloadOf(request))).toStrictEqual(settings)
        }),
      )
    })
  }

  test('veth: the queues', () => {
    const peer = { name: 'y', index: 41, mac: null, mtu: 1400, netnsFd: 4 }
    const veth = createVeth({ ...link, queues: 3, peer })
    expect(parseLinkSettings(payloadOf(veth))).toMatchObject({ kind: 'veth', queues: 3 })
  })
})

describe('what iproute2 asks for is read as it was said', () => {
  const tunnel4 = { local: '192.0.2.1', remote: '192.0.2.2', dev: undefined, ttl: 0 }
  const tunnel6 = { local: '2001:db8::1', remote: '2001:db8::2', dev: undefined, ttl: 64 }
  const asked: Record<string, LinkSettings> = {
    'kind-bridge': {
      ...{ kind: 'bridge', forwardDelaySeconds: 2, helloTimeSeconds: 1, maxAgeSeconds: 6, ageingSeconds: 60 },
      ...{ stp: true, priority: 4096, vlanFiltering: true, multicastSnooping: false, defaultPvid: 0, groupFwdMask: 0 },
    },
    'kind-vlan': { kind: 'vlan', parent: 20, id: 10, protocol: '802.1q' },
    'kind-vlan-ad': { kind: 'vlan', parent: 20, id: 10, protocol: '802.1ad' },
    'kind-vxlan': { ...tunnel4, kind: 'vxlan', id: 42, dev: 20, ttl: 5, learning: false, dstport: 4789 },
    'kind-vxlan-ipv6': { ...tunnel6, kind: 'vxlan', id: 0xffffff, ttl: 0, learning: true, dstport: 8472 },
    'kind-vxlan-group': {
      ...{ kind: 'vxlan', id: 42, local: undefined, remote: '239.1.1.1', dev: 20, ttl: 0 },
      ...{ learning: true, dstport: 4789 },
    },
    'kind-macvlan': { kind: 'macvlan', parent: 20, mode: 'bridge' },
    'kind-ipvlan': { kind: 'ipvlan', parent: 20, mode: 'l3s', flag: 'private' },
    'kind-dummy': { kind: 'dummy' },
    'kind-ifb': { kind: 'ifb' },
    'kind-wireguard': { kind: 'wireguard' },
    'kind-vrf': { kind: 'vrf', table: 1000 },
    'kind-gre': { ...tunnel4, kind: 'gre', key: 7, ttl: 64, dev: 20 },
    'kind-gre-plain': { ...tunnel4, kind: 'gre', key: undefined },
    'kind-gretap': { ...tunnel4, kind: 'gretap', key: undefined },
    'kind-ip6gre': { ...tunnel6, kind: 'ip6gre', key: 7 },
    'kind-ip6gretap': { ...tunnel6, kind: 'ip6gretap', key: undefined },
    'kind-ipip': { ...tunnel4, kind: 'ipip', ttl: 64, dev: 20 },
    'kind-sit': { ...tunnel4, kind: 'sit' },
    'kind-ip6tnl': { ...tunnel6, kind: 'ip6tnl', mode: 'any', dev: 20 },
    'kind-ip6tnl-ip6ip6': { ...tunnel6, kind: 'ip6tnl', mode: 'ip6ip6' },
    'kind-geneve': { kind: 'geneve', id: 4, remote: '192.0.2.2', ttl: 64, dstport: 6081 },
    'kind-geneve-ipv6': { kind: 'geneve', id: 4, remote: '2001:db8::2', ttl: 0, dstport: 7000 },
  }
  for (const [name, settings] of Object.entries(asked)) {
    test(capture(name).command, () => expect(parseLinkSettings(requested(name))).toStrictEqual(settings))
  }

  // What it says nothing of is not in the request.
  test.each([
    ['kind-bond', { mode: 'active-backup', miimonMs: 100, updelayMs: 200, downdelayMs: 300, primary: 20 }],
    ['kind-bond-lacp', { mode: '802.3ad', xmitHashPolicy: 'layer3+4', minLinks: 2, lacpRate: 'fast' }],
  ])('%s', (name, settings) => {
    expect(parseLinkSettings(requested(name))).toMatchObject({ kind: 'bond', ...settings })
  })
})

describe('what the kernel reports is read', () => {
  const { shown } = capture('kind-links')
  const reported = new Map(payloads('kind-links', RTM_NEWLINK).map((payload) => [parseLink(payload).name, payload]))

  test.each(Object.entries(KIND_LINKS))('%s: as it was made', (name, { kind, settings }) => {
    expect(parseLinkSettings(reported.get(name) as Buffer)).toMatchObject({ kind, ...settings })
  })

  test.each(shown.map((link) => [link.ifname, link]))('%s: as iproute2 reads it', (name, link) => {
    expect(parseLinkSettings(reported.get(name) as Buffer)).toEqual(shownSettings(link))
  })

  test('as a number where it is a word that nslab does not have', () => {
    const source = payloadOf(createMacvlan({ ...link, parent: 20, mode: 'passthru' }))
    const MACVLAN_MODE_SOURCE = 16
    source.writeUInt32LE(MACVLAN_MODE_SOURCE, source.length - 4)
    expect(parseLinkSettings(source)).toEqual({ kind: 'macvlan', parent: 20, mode: '16' })
  })
})
