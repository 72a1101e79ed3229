// A link of every kind that nslab makes, with settings that are not the default where they can be: how iproute2 makes it, and
// what src/kernel/netlink/rtnl/link-settings.ts must read. Plain JavaScript, so that it runs in the guest of test/vm as well.

/** Ends of veth pairs, which the kinds that need a link below them are made on. */
export const GROUND = [
  'ip link add name eth0 index 20 numtxqueues 3 numrxqueues 3 type veth peer name eth1 index 21 numtxqueues 3 numrxqueues 3',
  'ip link add name eth2 index 22 numtxqueues 1 numrxqueues 1 type veth peer name eth3 index 23 numtxqueues 1 numrxqueues 1',
]
/** iproute2 shows other links by their names. */
const INDEXES = { eth0: 20, eth1: 21, eth2: 22, eth3: 23 }

const tunnel = (kind, rest, settings) => ({ kind, words: `type ${kind} ${rest}`, settings })
/** Settings of a tunnel that are not written. */
const NO_ENDS = { local: undefined, remote: undefined, dev: undefined }
const over4 = (number) => ({ local: `192.0.2.${number}`, remote: `198.51.100.${number}` })
const over6 = (number) => ({ local: `2001:db8::${number}`, remote: `2001:db8:1::${number}` })
const words = ({ local, remote }) => `local ${local} remote ${remote}`
const NO_KEY = { key: undefined }

/**
 * By the name of the link: `words` for `ip link add NAME …`, or `commands`; `after`, what can be said only once it is there.
 */
export const KIND_LINKS = {
  eth0: { kind: 'veth', commands: [], settings: { queues: 3, peer: { index: 21 } } },
  eth3: { kind: 'veth', commands: [], settings: { queues: 1, peer: { index: 22 } } },
  br1: {
    kind: 'bridge',
    words:
      'type bridge forward_delay 250 hello_time 150 max_age 650 ageing_time 6000 stp_state 1 priority 4096 mcast_snooping 0',
    settings: {
      ...{ forwardDelaySeconds: 2.5, helloTimeSeconds: 1.5, maxAgeSeconds: 6.5, ageingSeconds: 60 },
      ...{ stp: true, priority: 4096, multicastSnooping: false, vlanFiltering: false },
    },
  },
  br2: {
    kind: 'bridge',
    words: 'type bridge vlan_filtering 1 vlan_default_pvid 7',
    settings: {
      ...{ forwardDelaySeconds: 15, helloTimeSeconds: 2, maxAgeSeconds: 20, ageingSeconds: 300 },
      ...{ stp: false, priority: 32768, multicastSnooping: true, vlanFiltering: true, defaultPvid: 7, groupFwdMask: 0 },
    },
  },
  dummy1: { kind: 'dummy', words: 'type dummy', settings: {} },
  ifb9: { kind: 'ifb', words: 'type ifb', settings: {} },
  wg1: { kind: 'wireguard', words: 'type wireguard', settings: {} },
  tun1: { kind: 'tun', commands: ['ip tuntap add dev tun1 mode tun'], settings: { mode: 'tun' } },
  tap1: { kind: 'tun', commands: ['ip tuntap add dev tap1 mode tap'], settings: { mode: 'tap' } },
  vlan1: { kind: 'vlan', words: 'link eth0 type vlan id 1', settings: { parent: 20, id: 1, protocol: '802.1q' } },
  vlan2: {
    kind: 'vlan',
    words: 'link eth1 type vlan protocol 802.1ad id 4094',
    settings: { parent: 21, id: 4094, protocol: '802.1ad' },
  },
  vx1: {
    kind: 'vxlan',
    words: `type vxlan id 16777215 ${words(over4(1))} dev eth0 ttl 255 nolearning dstport 8472`,
    settings: { id: 16_777_215, ...over4(1), dev: 20, ttl: 255, learning: false, dstport: 8472 },
  },
  vx2: {
    kind: 'vxlan',
    words: `type vxlan id 0 ${words(over6(1))} dstport 4789`,
    settings: { id: 0, ...over6(1), dev: undefined, ttl: 0, learning: true, dstport: 4789 },
  },
  vx3: {
    kind: 'vxlan',
    words: 'type vxlan id 3 dstport 4790',
    settings: { id: 3, ...NO_ENDS, ttl: 0, learning: true, dstport: 4790 },
  },
  vx4: {
    kind: 'vxlan',
    words: 'type vxlan id 4 group 239.1.1.1 dev eth0 dstport 4789',
    settings: { id: 4, ...NO_ENDS, remote: '239.1.1.1', dev: 20, ttl: 0, learning: true, dstport: 4789 },
  },
  mv1: { kind: 'macvlan', words: 'link eth0 type macvlan mode vepa', settings: { parent: 20, mode: 'vepa' } },
  mv2: { kind: 'macvlan', words: 'link eth0 type macvlan mode private', settings: { parent: 20, mode: 'private' } },
  mv3: { kind: 'macvlan', words: 'link eth1 type macvlan mode passthru', settings: { parent: 21, mode: 'passthru' } },
  iv1: {
    kind: 'ipvlan',
    words: 'link eth2 type ipvlan mode l3s vepa',
    settings: { parent: 22, mode: 'l3s', flag: 'vepa' },
  },
  red: { kind: 'vrf', words: 'type vrf table 4000000000', settings: { table: 4_000_000_000 } },
  bond1: {
    kind: 'bond',
    words:
      'type bond mode 802.3ad miimon 50 updelay 100 downdelay 150 xmit_hash_policy vlan+srcmac min_links 2 lacp_rate fast',
    settings: {
      ...{ mode: '802.3ad', miimonMs: 50, updelayMs: 100, downdelayMs: 150, primary: undefined },
      ...{ xmitHashPolicy: 'vlan+srcmac', minLinks: 2, lacpRate: 'fast' },
    },
  },
  bond2: {
    kind: 'bond',
    words: 'type bond mode active-backup miimon 100 updelay 250',
    after: ['ip link set dev eth3 master bond2', 'ip link set dev bond2 type bond primary eth3'],
    settings: {
      ...{ mode: 'active-backup', miimonMs: 100, updelayMs: 200, downdelayMs: 0, primary: 23 },
      ...{ xmitHashPolicy: 'layer2', minLinks: 0, lacpRate: 'slow' },
    },
  },
  gre1: tunnel('gre', `${words(over4(1))} key 4294967295 ttl 5 dev eth0`, {
    ...{ ...over4(1), key: 4_294_967_295, ttl: 5, dev: 20 },
  }),
  gre2: tunnel('gre', `remote ${over4(2).remote}`, { ...NO_ENDS, remote: over4(2).remote, ttl: 0, ...NO_KEY }),
  gretap1: tunnel('gretap', `${words(over4(3))} key 0`, { ...over4(3), key: 0, ttl: 0, dev: undefined }),
  ip6gre1: tunnel('ip6gre', `${words(over6(1))} key 7 ttl 1 dev eth0`, { ...over6(1), key: 7, ttl: 1, dev: 20 }),
  ip6gretap1: tunnel('ip6gretap', words(over6(2)), { ...over6(2), ...NO_KEY, ttl: 64, dev: undefined }),
  ipip1: tunnel('ipip', `${words(over4(4))} ttl 255 dev eth0`, { ...over4(4), ttl: 255, dev: 20 }),
  sit1: tunnel('sit', words(over4(5)), { ...over4(5), ttl: 0, dev: undefined }),
  tnl1: tunnel('ip6tnl', `${words(over6(3))} mode any ttl 9 dev eth0`, { ...over6(3), ttl: 9, dev: 20, mode: 'any' }),
  tnl2: tunnel('ip6tnl', `${words(over6(4))} mode ip6ip6`, { ...over6(4), ttl: 64, dev: undefined, mode: 'ip6ip6' }),
  tnl3: tunnel('ip6tnl', `${words(over6(5))} mode ipip6 hoplimit 0`, {
    ...{ ...over6(5), ttl: 0, dev: undefined, mode: 'ipip6' },
  }),
  gen1: tunnel('geneve', 'id 4 remote 198.51.100.9 ttl 64 dstport 7000', {
    ...{ id: 4, remote: '198.51.100.9', ttl: 64, dstport: 7000 },
  }),
  gen2: tunnel('geneve', 'id 16777215 remote 2001:db8::9', {
    ...{ id: 16_777_215, remote: '2001:db8::9', ttl: 0, dstport: 6081 },
  }),
}

/** Commands that make one of them. */
export const commandsOf = (name) => {
  const { commands, words: rest, after = [] } = KIND_LINKS[name]
  return [...(commands ?? [`ip link add name ${name} ${rest}`]), ...after]
}

/** What iproute2's `ip -j -d link show` says of a link, in the words of src/kernel/netlink/rtnl/link-settings.ts; null without a kind. */
export function shownSettings({ link, link_index: linkIndex, num_tx_queues: queues, linkinfo }) {
  const kind = linkinfo?.info_kind
  const data = linkinfo?.info_data ?? {}
  const parent = linkIndex ?? INDEXES[link]
  const read = SHOWN[kind]
  return read ? { kind, ...read(data, { parent, queues }) } : null
}

const endOf = (text) => (text === 'any' ? undefined : text)
const ends = ({ local, remote, link, ttl }) => ({
  ...{ local: endOf(local), remote: endOf(remote), dev: INDEXES[link], ttl },
})
/** iproute2 writes keys as IPv4 addresses. */
const keyOf = (text) => text?.split('.').reduce((number, byte) => number * 256 + Number(byte), 0)
const gre = (data) => ({ ...ends(data), key: keyOf(data.okey) })
const plain = () => ({})

const SHOWN = {
  bond: (data) => ({
    ...{ mode: data.mode, miimonMs: data.miimon, updelayMs: data.updelay, downdelayMs: data.downdelay },
    ...{ primary: INDEXES[data.primary], xmitHashPolicy: data.xmit_hash_policy },
    ...{ minLinks: data.min_links, lacpRate: data.ad_lacp_rate },
  }),
  bridge: (data) => ({
    ...{ forwardDelaySeconds: data.forward_delay / 100, helloTimeSeconds: data.hello_time / 100 },
    ...{ maxAgeSeconds: data.max_age / 100, ageingSeconds: data.ageing_time / 100 },
    ...{ stp: data.stp_state !== 0, priority: data.priority, vlanFiltering: data.vlan_filtering === 1 },
    // A kernel without VLAN filtering does not say.
    ...{ multicastSnooping: data.mcast_snooping === 1, defaultPvid: data.vlan_default_pvid ?? 0 },
    groupFwdMask: Number(data.group_fwd_mask),
  }),
  dummy: plain,
  geneve: ({ id, remote, remote6, ttl, port }) => ({ id, remote: remote6 ?? remote, ttl, dstport: port }),
  gre,
  gretap: gre,
  ifb: plain,
  ip6gre: gre,
  ip6gretap: gre,
  ip6tnl: (data) => ({ ...ends(data), mode: data.proto }),
  ipip: ends,
  ipvlan: ({ mode, private: isPrivate, vepa }, { parent }) => ({
    ...{ parent, mode, flag: isPrivate ? 'private' : vepa ? 'vepa' : 'bridge' },
  }),
  macvlan: ({ mode }, { parent }) => ({ parent, mode }),
  sit: ends,
  tun: ({ type }) => ({ mode: type }),
  veth: (_, { parent, queues }) => ({ queues, peer: { index: parent } }),
  vlan: ({ id, protocol }, { parent }) => ({ parent, id, protocol: protocol.toLowerCase() }),
  vrf: ({ table }) => ({ table }),
  vxlan: ({ id, group, group6, remote, remote6, local, local6, link, ttl, learning, port }) => ({
    ...{ id, remote: group ?? group6 ?? remote ?? remote6, local: local ?? local6, dev: INDEXES[link] },
    ...{ ttl, learning, dstport: port },
  }),
  wireguard: plain,
}
