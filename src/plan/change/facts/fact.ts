// A fact: one thing that a node has, as the operation that makes it. Two operations with the same key make the same thing, with
// the same or with other values. Pure.
import type { NeighbourAdd, ReversibleOp, VethAdd } from '../../op.js'

/** Neighbours are facts one by one. */
export type FactOp = Exclude<ReversibleOp, { op: 'neighbours.add' }>

export interface Fact {
  key: string
  op: FactOp
}

/** Facts by key, in an order in which they can be made. */
export type Facts = Map<string, Fact>

export const factOf = (op: FactOp): Fact => ({ key: keyOf(op), op })

export function factsOf(ops: Iterable<FactOp>): Facts {
  const facts: Facts = new Map()
  for (const op of ops) {
    const fact = factOf(op)
    facts.set(fact.key, fact)
  }
  return facts
}

/** One operation for each fact. */
export function singlesOf(op: ReversibleOp): FactOp[] {
  if (op.op !== 'neighbours.add') return [op]
  const { node, interface: name, index, entries } = op
  return entries.map((entry): NeighbourAdd => ({ op: 'neighbour.add', node, interface: name, index, ...entry }))
}

/** An interface of a node. */
export interface Place {
  node: string
  index: number
}

export const placeKey = ({ node, index }: Place): string => `${node} ${index}`

export const pairKey = (a: Place, b: Place): string => `pair ${[placeKey(a), placeKey(b)].toSorted().join(' ')}`

export const endsOf = (op: VethAdd): [Place, Place] => [op, op.peer]

const MAIN_TABLE = 254
/** Linux’s default metric of a route: IP6_RT_PRIO_USER for IPv6. */
const DEFAULT_METRIC = { 4: 0, 6: 1024 } as const

export function keyOf(op: FactOp): string {
  switch (op.op) {
    case 'veth.add':
      return pairKey(...endsOf(op))
    case 'bridge.add':
    case 'link.add':
    case 'tun.add':
    case 'device.move':
      return `device ${placeKey(op)}`
    case 'link.up':
      return `up ${placeKey(op)}`
    case 'link.enslave':
      return `master ${placeKey(op)}`
    case 'bridge-port.set':
      return `port ${placeKey(op)}`
    case 'bridge-vlan.add':
    case 'bridge-vlan.delete':
      return `vlan ${placeKey(op)} ${op.vid} ${op.self}`
    case 'flood.add':
      return `flood ${placeKey(op)} ${op.remote}`
    case 'wireguard.set':
      return `wireguard ${placeKey(op)}`
    case 'sysctl.set':
      return `sysctl ${placeKey(op)} ${withoutName(op.key)}`
    case 'node-sysctl.set':
      return `node-sysctl ${op.node} ${op.key}`
    case 'address.add':
      return `address ${placeKey(op)} ${op.address}`
    case 'neighbour.add':
      return `neighbour ${placeKey(op)} ${op.address}`
    case 'nexthop.add':
      return `nexthop ${op.node} ${op.nexthop.id}`
    case 'route.add': {
      const { node, family, destination, table = MAIN_TABLE } = op
      return `route ${node} ${destination} ${table} ${op.metric || DEFAULT_METRIC[family]}`
    }
    case 'rule.add':
      return `rule ${op.node} ${ruleKey(op.rule)}`
    case 'qdisc.add':
      return `qdisc ${placeKey(op)} ${op.major}`
    case 'class.add':
      return `class ${placeKey(op)} ${op.id.major}:${op.id.minor}`
    case 'filter.add':
      return `filter ${placeKey(op)} ${op.priority}`
  }
}

/** The key of an interface's sysctl without the name of the interface, which can change. */
export const withoutName = (key: string): string =>
  key
    .replace(/^(net[./](?:ipv4|ipv6|mpls)[./](?:conf|neigh)[./]).+([./][a-z0-9_]+)$/, '$1*$2')
    .replace(/^net\/.*/, (slashed) => slashed.replaceAll('/', '.'))

const WHOLE_MARK = 0xffffffff
const isAll = (prefix: string | undefined): boolean => prefix === undefined || prefix.endsWith('/0')

function ruleKey({
  family,
  priority,
  from,
  to,
  iif,
  fwmark,
  action,
}: Extract<FactOp, { op: 'rule.add' }>['rule']): string {
  const [source, target] = [from, to].map((prefix) => (isAll(prefix) ? 'all' : prefix))
  const mark = fwmark === undefined ? 0 : `${fwmark.mark}/${fwmark.mask ?? WHOLE_MARK}`
  return [family, priority, source, target, iif ?? '*', mark, typeof action === 'string' ? action : action.table].join(
    ' ',
  )
}

/** The interfaces without which a fact cannot be, and on which it hangs. */
export function placesOf(op: FactOp): Place[] {
  switch (op.op) {
    case 'veth.add':
      return endsOf(op)
    case 'route.add':
      return op.nextHops.map(({ index }) => ({ node: op.node, index }))
    case 'nexthop.add':
      return op.index === 0 ? [] : [op]
    case 'link.enslave':
      return [op, { node: op.node, index: op.master.index }]
    case 'rule.add':
    case 'node-sysctl.set':
      return []
    default:
      return [op]
  }
}
