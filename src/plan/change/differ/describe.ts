// What a fact is called and which value it has, for people. Pure.
import type { DeviceSettings } from '../../../model/interfaces/kinds.js'
import type { FactOp } from '../facts/fact.js'

export interface Description {
  node: string
  /** One word of the topology file or of iproute2. */
  part: string
  name: string
  /** null: the name says all. */
  value: string | null
}

/** @param nameOf an interface of the node, by its ifindex and the name that it has in the operation */
export function describe(op: FactOp, nameOf: (index: number, name: string) => string): Description | null {
  const { node } = op
  const own = 'interface' in op && 'index' in op ? nameOf(op.index, op.interface) : ''
  const of = (part: string, name: string, value: string | null = null): Description => ({ node, part, name, value })
  switch (op.op) {
    case 'link.up':
      return of('state', own, 'up')
    case 'link.enslave':
      return of('master', own, nameOf(op.master.index, op.master.interface))
    case 'bridge-port.set': {
      const { cost, priority, group_fwd_mask } = op
      const values = Object.entries({ cost, priority, group_fwd_mask }).filter(([, value]) => value !== undefined)
      return of('port', nameOf(op.index, op.interface), values.map((each) => each.join(' ')).join(', '))
    }
    case 'bridge-vlan.add':
    case 'bridge-vlan.delete':
      return of('vlan', `${own} ${op.vid}`, op.untagged ? 'untagged' : 'tagged')
    case 'flood.add':
      return of('remote', `${own} ${op.remote}`)
    case 'wireguard.set':
      return of('wireguard', own, [op.settings.port ?? [], `${op.settings.peers.length} peers`].flat().join(', '))
    case 'address.add':
      return of('address', `${own} ${op.address}`)
    case 'neighbour.add':
      return of('neighbour', `${own} ${op.address}`, op.mac)
    case 'sysctl.set':
    case 'node-sysctl.set':
      return of('sysctl', op.key, op.value)
    case 'nexthop.add':
      return of('nexthop', String(op.nexthop.id), nexthopText(op, nameOf))
    case 'route.add':
      return of('route', routeName(op), routeText(op, nameOf))
    case 'rule.add':
      return of('rule', ruleText(op.rule))
    case 'veth.add':
    case 'bridge.add':
    case 'link.add':
    case 'tun.add':
    case 'device.move':
    case 'qdisc.add':
    case 'class.add':
    case 'filter.add':
      return null
  }
}

type Of<K extends FactOp['op']> = Extract<FactOp, { op: K }>

function routeName({ destination, table, metric }: Of<'route.add'>): string {
  const rest = [...(table === undefined ? [] : [`table ${table}`]), ...(metric ? [`metric ${metric}`] : [])]
  return [destination, ...rest].join(' ')
}

function routeText(
  { type, nextHops, source, nexthopId }: Of<'route.add'>,
  nameOf: (index: number, name: string) => string,
): string {
  const hops = nextHops.map(
    ({ gateway, index, interface: name, weight = 1 }) =>
      `${gateway === null ? '' : `via ${gateway} `}dev ${nameOf(index, name)}${weight === 1 || nextHops.length === 1 ? '' : ` weight ${weight}`}`,
  )
  return [
    ...(type === undefined ? [] : [type]),
    ...(nexthopId === undefined ? hops.toSorted() : [`nhid ${nexthopId}`]),
    ...(source === null ? [] : [`src ${source}`]),
  ].join(', ')
}

function nexthopText({ nexthop, index }: Of<'nexthop.add'>, nameOf: (index: number, name: string) => string): string {
  if ('group' in nexthop) return `group ${nexthop.group.map(({ id, weight }) => `${id},${weight}`).join('/')}`
  if ('blackhole' in nexthop) return 'blackhole'
  const { gateway, interface: name } = nexthop.hop
  return `${gateway === null ? '' : `via ${gateway} `}dev ${nameOf(index, name)}`
}

function ruleText({ priority, from, to, iif, fwmark, action }: Of<'rule.add'>['rule']): string {
  const mark = fwmark && `${fwmark.mark}${fwmark.mask === undefined ? '' : `/${fwmark.mask}`}`
  const words = Object.entries({ from, to, iif, fwmark: mark }).flatMap(([key, value]) =>
    value === undefined ? [] : [key, value],
  )
  return [priority, ...words, typeof action === 'string' ? action : `table ${action.table}`].join(' ')
}

/** A device in a few words: its kind and the settings that tell it from others. */
export function deviceText(op: FactOp): string {
  switch (op.op) {
    case 'bridge.add':
      return 'bridge'
    case 'link.add':
      return kindText(op.settings)
    case 'tun.add':
      return op.mode
    case 'device.move':
      return `device ${op.device}`
    default:
      return 'veth'
  }
}

function kindText(settings: DeviceSettings): string {
  const own = ['id', 'table', 'mode', 'parent'].flatMap((key) => {
    const value = (settings as unknown as Record<string, unknown>)[key]
    return value === undefined ? [] : [`${key} ${value}`]
  })
  return [settings.kind, ...own].join(' ')
}
