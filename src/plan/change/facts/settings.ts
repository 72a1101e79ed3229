// Which settings of a device the kernel changes in place (the changelink functions of drivers/net and net/ipv4, net/ipv6,
// net/bridge in Linux 6.18), and which make another device of it. Pure.
import { type DeviceKind, referencesOf } from '../../../model/interfaces/kinds.js'
import type { BridgeAdd, LinkAdd } from '../../op.js'

/** Settings by key; references to interfaces are ifindexes. */
export type PlainSettings = Readonly<Record<string, unknown>>

type Changeable = DeviceKind | 'veth'

/** `all`: every setting. Of kinds that are not here, none. */
const IN_PLACE: Partial<Record<Changeable, 'all' | readonly string[]>> = {
  bridge: 'all',
  // ip_tunnel_changelink, ip6_tnl_changelink, ip6gre_changelink: all settings are given anew.
  gre: 'all',
  gretap: 'all',
  ip6gre: 'all',
  ip6gretap: 'all',
  ipip: 'all',
  sit: 'all',
  ip6tnl: 'all',
  ipvlan: 'all',
  // The mode is fixed while there are members, lacp_rate while the bond is up (bond_options.c).
  bond: ['miimon', 'updelay', 'downdelay', 'primary', 'xmit_hash_policy', 'min_links'],
  // vxlan_nl2conf refuses another id or port.
  vxlan: ['remote', 'local', 'dev', 'ttl', 'learning'],
  // geneve_nl2info refuses another id or port.
  geneve: ['remote', 'ttl'],
  // Not from and to passthru (macvlan_changelink).
  macvlan: ['mode'],
  wireguard: 'all',
}

/** Values that a device has when nothing is written. Tunnels of the kinds that are given all settings anew lose what is not given. */
const DEFAULTS: Partial<Record<Changeable, PlainSettings>> = {
  bridge: {
    stp: false,
    priority: 32_768,
    forward_delay: 15,
    hello_time: 2,
    max_age: 20,
    ageing: 300,
    multicast_snooping: true,
    vlan_filtering: false,
    default_pvid: 1,
    group_fwd_mask: 0,
  },
  bond: { updelay: 0, downdelay: 0, xmit_hash_policy: 'layer2', min_links: 0 },
}

/**
 * Settings of a kind that are compared although nobody has written them. With STP, a bridge takes its times from the root of the tree, and
 * forgets addresses sooner while that changes (br_stp.c); others have another default where the kernel was built without them.
 */
const steadyKeys = (kind: string, { stp }: PlainSettings): string[] =>
  kind === 'bridge' ? ['stp', 'priority', 'group_fwd_mask', ...(stp === true ? [] : ['ageing'])] : []

const LOSES_UNWRITTEN: readonly string[] = ['gre', 'gretap', 'ip6gre', 'ip6gretap', 'ipip', 'sit', 'ip6tnl']

/** The settings that the kernel has of a device; undefined for those that are not written. */
export function plainSettings({ op, settings, ...rest }: BridgeAdd | LinkAdd): PlainSettings {
  if (settings === undefined) return {}
  // Configured by operations of its own.
  if (settings.kind === 'wireguard') return {}
  const indexes = op === 'link.add' ? (rest as LinkAdd).indexes : {}
  const references = referencesOf(settings).map(({ key, name }) => [key, indexes[name]])
  const { kind: _, ...own } = settings
  return written({ ...own, ...Object.fromEntries(references), ...firstRemote(own) })
}

export const written = (settings: PlainSettings): PlainSettings =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined && value !== null))

/** Further remotes are entries of the forwarding table. */
export const firstRemote = ({ remote }: PlainSettings): PlainSettings =>
  Array.isArray(remote) ? { remote: remote[0] } : {}

export interface SettingChange {
  key: string
  from: unknown
  /** undefined: no longer written, and absent afterwards. */
  to: unknown
}

/**
 * What is to be changed of a device.
 *
 * @param before what was written last; null when this is not known
 * @returns null when the kernel cannot change it in place
 */
export function settingChanges(
  kind: string,
  now: PlainSettings,
  before: PlainSettings | null,
  wanted: PlainSettings,
): SettingChange[] | null {
  const defaults = DEFAULTS[kind as Changeable] ?? {}
  const changes: SettingChange[] = []
  for (const [key, to] of Object.entries(wanted)) {
    if (!isEqual(now[key], to) && !isShortened(key, now, wanted)) changes.push({ key, from: now[key], to })
  }
  for (const key of new Set([...Object.keys(before ?? {}), ...steadyKeys(kind, wanted)])) {
    if (key in wanted) continue
    const to = defaults[key]
    if (to !== undefined) {
      if (now[key] !== undefined && !isEqual(now[key], to)) changes.push({ key, from: now[key], to })
    } else if (!LOSES_UNWRITTEN.includes(kind)) return null
    else if (now[key] !== undefined) changes.push({ key, from: now[key], to: undefined })
  }
  return changes.every((change) => isInPlace(kind, change)) ? changes : null
}

/** While its topology changes, a bridge with STP has another ageing time than the one that was set (__br_set_topology_change). */
const isShortened = (key: string, now: PlainSettings, wanted: PlainSettings): boolean =>
  key === 'ageing' && now.stp === true && wanted.stp === true && now.ageing === 2 * Number(now.forward_delay)

function isInPlace(kind: string, { key, from, to }: SettingChange): boolean {
  const keys = IN_PLACE[kind as Changeable] ?? []
  if (keys !== 'all' && !keys.includes(key)) return false
  if (kind === 'macvlan') return from !== 'passthru' && to !== 'passthru'
  // An address of the other version is another socket, or another kind of tunnel.
  if (key === 'remote' || key === 'local') {
    return LOSES_UNWRITTEN.includes(kind) || (from !== undefined && isIpv6(from) === isIpv6(to))
  }
  return true
}

const isIpv6 = (address: unknown): boolean => String(address).includes(':')

export const isEqual = (a: unknown, b: unknown): boolean =>
  a === b || (a !== undefined && b !== undefined && JSON.stringify(a) === JSON.stringify(b))
