// The settings of kinds of interfaces in the words of a topology and in those of a netlink request, in both directions: what makes a
// device, and what the kernel says of one, are compared word by word. A kind that has one direction alone does not compile.
import type { BondSettings } from '../../kernel/netlink/rtnl/bond.js'
import type { BridgeSettings } from '../../kernel/netlink/rtnl/bridge.js'
import type { LinkSettings } from '../../kernel/netlink/rtnl/link-settings.js'
import type { VxlanSettings } from '../../kernel/netlink/rtnl/vxlan.js'
import type { DeviceKind, SettingsFor } from '../../model/interfaces/kinds.js'
import type { ReferenceKey } from '../../model/interfaces/traits.js'

/** Settings in which interfaces are named by ifindex. */
export type Indexed<S> = { [Key in keyof S]: Key extends ReferenceKey ? Exclude<S[Key], string> | number : S[Key] }

/** Settings as an observer says them. */
export type SettingsWords = Readonly<Record<string, unknown>>

/** The name in a request of each word of a topology. */
type Names<Words, Own> = { readonly [K in Exclude<keyof Words, 'kind'>]-?: keyof Own }

const BRIDGE: Names<SettingsFor<'bridge'>, BridgeSettings> = {
  stp: 'stp',
  priority: 'priority',
  forward_delay: 'forwardDelaySeconds',
  hello_time: 'helloTimeSeconds',
  max_age: 'maxAgeSeconds',
  ageing: 'ageingSeconds',
  multicast_snooping: 'multicastSnooping',
  vlan_filtering: 'vlanFiltering',
  default_pvid: 'defaultPvid',
  group_fwd_mask: 'groupFwdMask',
}

const BOND: Names<SettingsFor<'bond'>, BondSettings> = {
  mode: 'mode',
  miimon: 'miimonMs',
  updelay: 'updelayMs',
  downdelay: 'downdelayMs',
  primary: 'primary',
  xmit_hash_policy: 'xmitHashPolicy',
  min_links: 'minLinks',
  lacp_rate: 'lacpRate',
}

export const bridgeSettings = (words: SettingsFor<'bridge'>): BridgeSettings => renamed(words, entriesOf(BRIDGE))

export const bondSettings = (words: Indexed<SettingsFor<'bond'>>): BondSettings => renamed(words, entriesOf(BOND))

/** The first remote is a setting of the device, the others become entries of its forwarding table. */
export function vxlanSettings({ kind: _, remote, ...words }: Indexed<SettingsFor<'vxlan'>>): VxlanSettings {
  return { ...words, remote: remote[0] }
}

/** How what the kernel reports of a kind is said. null: the kind has no settings, or others have them, as of a WireGuard device. */
const WORDS: { [K in DeviceKind | 'veth']: ((reported: never) => SettingsWords) | null } = {
  bridge: (reported: BridgeSettings) => renamed(reported, reversed(BRIDGE)),
  bond: (reported: BondSettings) => renamed(reported, reversed(BOND)),
  vxlan: ({ remote, ...reported }: VxlanSettings) => ({ ...reported, remote: remote === undefined ? [] : [remote] }),
  vlan: same,
  macvlan: same,
  ipvlan: same,
  vrf: same,
  geneve: same,
  gre: same,
  gretap: same,
  ip6gre: same,
  ip6gretap: same,
  ipip: same,
  sit: same,
  ip6tnl: same,
  veth: null,
  dummy: null,
  ifb: null,
  tun: null,
  tap: null,
  device: null,
  wireguard: null,
}

function same(reported: SettingsWords): SettingsWords {
  return reported
}

/** What the kernel reports in the words of a topology, with `kind`, without what is undefined; null for a kind without settings. */
export function wordsOf({ kind, ...reported }: LinkSettings): SettingsWords | null {
  const words = WORDS[kind] as ((reported: object) => SettingsWords) | null
  if (words === null) return null
  return { kind, ...Object.fromEntries(Object.entries(words(reported)).filter(([, value]) => value !== undefined)) }
}

const entriesOf = (names: Readonly<Record<string, string>>): [string, string][] => Object.entries(names)
const reversed = (names: Readonly<Record<string, string>>): [string, string][] =>
  Object.entries(names).map(([word, own]) => [own, word])

/** The values of an object under other names, without what is undefined. */
const renamed = <T>(values: object, names: readonly [from: string, to: string][]): T =>
  Object.fromEntries(
    names.flatMap(([from, to]) => {
      const value = (values as Record<string, unknown>)[from]
      return value === undefined ? [] : [[to, value]]
    }),
  ) as T
