// The `ip link add` command that makes the same device. Pure text.
import type { SettingsFor } from '../../model/interfaces/kinds.js'
import type { BridgeAdd, BridgePortSet, BridgeVlanChange, LinkAdd, TunAdd } from '../op.js'
import { deviceWord, quoted } from './shell.js'

/** An option of a command and its value; an option without value is left out. */
type Word = readonly [name: string, value: string | number | boolean | undefined]

export function deviceCommand(op: BridgeAdd | LinkAdd | TunAdd): string {
  if (op.op === 'tun.add') return tunCommand(op)
  const settings = op.settings ?? { kind: 'bridge' as const }
  const parent = 'parent' in settings ? ` link ${quoted(settings.parent)}` : ''
  const mac = op.mac === null ? '' : ` address ${op.mac}`
  const own = op.settings ? settingsWords(op.settings) : []
  const add = `ip -n ${op.node} link add ${deviceWord(op.interface)} index ${op.index}${mac} mtu ${op.mtu}${parent}`
  return [add, 'type', settings.kind, ...own].join(' ')
}

function tunCommand({ node, interface: name, mac, mtu, mode }: TunAdd): string {
  const address = mac === null ? '' : ` address ${mac}`
  return `ip -n ${node} tuntap add dev ${quoted(name)} mode ${mode} && ip -n ${node} link set ${deviceWord(name)}${address} mtu ${mtu}`
}

export function bridgePortCommand({ node, interface: name, cost, priority, group_fwd_mask }: BridgePortSet): string {
  const words = Object.entries({ cost, priority, group_fwd_mask }).filter(([, value]) => value !== undefined)
  return [`ip -n ${node} link set ${deviceWord(name)} type bridge_slave`, ...words.flat()].join(' ')
}

export function bridgeVlanCommand({ op, node, interface: name, vid, untagged, self }: BridgeVlanChange): string {
  const verb = op === 'bridge-vlan.add' ? 'add' : 'del'
  return `bridge -n ${node} vlan ${verb} dev ${quoted(name)} vid ${vid}${untagged ? ' pvid untagged' : ''}${self ? ' self' : ''}`
}

/** The options of its kind. */
export function settingsWords(settings: NonNullable<(BridgeAdd | LinkAdd)['settings']>): string[] {
  return pairsOf(settings).flatMap(([name, value]) => {
    if (value === undefined || value === false) return []
    return value === true ? [name] : [name, quoted(String(value))]
  })
}

function pairsOf(settings: NonNullable<(BridgeAdd | LinkAdd)['settings']>): Word[] {
  switch (settings.kind) {
    case 'bridge':
      return bridgeWords(settings)
    case 'vlan':
      return [
        ['protocol', settings.protocol === '802.1ad' ? '802.1ad' : undefined],
        ['id', settings.id],
      ]
    case 'vxlan':
      return [
        ['id', settings.id],
        [isGroup(settings.remote[0]) ? 'group' : 'remote', settings.remote[0]],
        ['local', settings.local],
        ['dev', settings.dev],
        ['ttl', settings.ttl],
        ['nolearning', !settings.learning],
        ['dstport', settings.dstport],
      ]
    case 'macvlan':
      return [['mode', settings.mode]]
    case 'ipvlan':
      return [
        ['mode', settings.mode],
        [settings.flag, true],
      ]
    case 'vrf':
      return [['table', settings.table]]
    case 'bond':
      return bondWords(settings)
    case 'geneve':
      return [
        ['id', settings.id],
        ['remote', settings.remote],
        ['ttl', settings.ttl],
        ['dstport', settings.dstport],
      ]
    case 'ip6tnl':
      return [['mode', settings.mode], ...tunnelWords(settings)]
    case 'gre':
    case 'gretap':
    case 'ip6gre':
    case 'ip6gretap':
      return [...tunnelWords(settings), ['key', settings.key]]
    case 'ipip':
    case 'sit':
      return tunnelWords(settings)
    case 'dummy':
    case 'ifb':
    case 'wireguard':
      return []
  }
}

/** Whether an address is multicast, for which iproute2 has the word `group` instead of `remote`. */
const isGroup = (address = ''): boolean => /^(?:ff|22[4-9]\.|23[0-9]\.)/i.test(address)

const tunnelWords = (settings: {
  local?: string | undefined
  remote: string
  dev?: string | undefined
  ttl: number
}): Word[] => [
  ['local', settings.local],
  ['remote', settings.remote],
  ['dev', settings.dev],
  // iproute2's default, `inherit`.
  ['ttl', settings.ttl === 0 ? undefined : settings.ttl],
]

const bondWords = (bond: SettingsFor<'bond'>): Word[] => [
  ['mode', bond.mode],
  ['miimon', bond.miimon],
  ['updelay', bond.updelay],
  ['downdelay', bond.downdelay],
  ['primary', bond.primary],
  ['xmit_hash_policy', bond.xmit_hash_policy],
  ['min_links', bond.min_links],
  ['lacp_rate', bond.lacp_rate],
]

/** iproute2 takes times of bridges in hundredths of a second. */
function bridgeWords(bridge: SettingsFor<'bridge'>): Word[] {
  const ticks = (seconds: number | undefined) => (seconds === undefined ? undefined : Math.round(seconds * 100))
  const flag = (value: boolean | undefined) => (value === undefined ? undefined : Number(value))
  return [
    ['forward_delay', ticks(bridge.forward_delay)],
    ['hello_time', ticks(bridge.hello_time)],
    ['max_age', ticks(bridge.max_age)],
    ['ageing_time', ticks(bridge.ageing)],
    ['stp_state', flag(bridge.stp)],
    ['priority', bridge.priority],
    ['vlan_filtering', flag(bridge.vlan_filtering)],
    ['mcast_snooping', flag(bridge.multicast_snooping)],
    ['vlan_default_pvid', bridge.default_pvid],
    ['group_fwd_mask', bridge.group_fwd_mask],
  ]
}
