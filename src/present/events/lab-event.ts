// What `watch` prints: one line an event, in the words of `ip monitor`, with names in place of numbers.
import type {
  AddressFields,
  ImpairmentEvent,
  LabEvent,
  LinkFields,
  NeighbourFields,
  NetworkEvent,
  NexthopFields,
  RouteFields,
  RuleFields,
} from '../../model/lab-event.js'
import { printable } from '../printable.js'
import { count } from '../quantity.js'

/** The line of an event: its time of the day, the node, what has become of what. */
export function labEventText(event: LabEvent): string {
  const time = localTime(event.at)
  return printable(`${time} ${wordsOf(event)}`)
}

function wordsOf(event: LabEvent): string {
  switch (event.event) {
    case 'link':
    case 'address':
    case 'route':
    case 'nexthop':
    case 'rule':
    case 'neighbour':
      return networkText(event)
    case 'node':
      return `${event.node} ${NODE_SIGNS[event.action]} node ${NODE_WORDS[event.action]} (PID ${event.pid})`
    case 'impairment':
      return `${event.node} ${signOf(event.action)} impairment ${impairmentText(event)}`
    case 'lab':
      return event.action === 'down'
        ? `lab ${event.lab} is down`
        : `lab ${event.lab} is watched: ${count(event.nodes, 'node')}`
    case 'lost':
      return event.action === 'overrun'
        ? `${event.node} ! changes came faster than they were read; what they have changed follows`
        : `! ${count(event.count ?? 0, 'event')} dropped, since they were not read`
  }
}

const NODE_SIGNS = { add: '+', remove: '-', restart: '~', end: '!', pause: '~', resume: '~' } as const
const NODE_WORDS = {
  ...{ add: 'added', remove: 'removed', restart: 'restarted' },
  ...{ end: 'ended: its first process is dead', pause: 'paused', resume: 'resumed' },
} as const

const signOf = (action: NetworkEvent['action']): string => (action === 'add' ? '+' : action === 'remove' ? '-' : '~')

function networkText(event: NetworkEvent): string {
  const { node, sharedWith = [], action } = event
  const place = [node, ...sharedWith].join(',')
  return `${place} ${signOf(action)} ${event.event} ${entryText(event)}${wasText(event.was)}`
}

function entryText(event: NetworkEvent): string {
  switch (event.event) {
    case 'link':
      return linkText(event)
    case 'address':
      return addressText(event)
    case 'route':
      return routeText(event)
    case 'nexthop':
      return nexthopText(event)
    case 'rule':
      return ruleText(event)
    case 'neighbour':
      return neighbourText(event)
  }
}

/** Words with what stands behind them, where there is something. */
const words = (...pairs: [word: string, value: string | number | null][]): string =>
  pairs.map(([word, value]) => (value === null ? '' : ` ${word} ${value}`)).join('')

const linkText = ({ interface: name, type, state, mac, mtu, master }: LinkFields): string =>
  `${name}${words(['type', type], ['mtu', mtu], ['master', master], ['state', state], ['address', mac])}`

const addressText = ({ interface: name, family, address, scope, state }: AddressFields): string =>
  `${family === 4 ? 'inet' : 'inet6'} ${address} dev ${name} scope ${scope}${state === 'usable' ? '' : ` ${state}`}`

function routeText(route: RouteFields): string {
  const { destination, type, gateways, interfaces, weights, metric, table, protocol, nexthop, source } = route
  const hops = interfaces.map((name, at) => words(['via', gateways[at] ?? null], ['dev', name]))
  const paths = hops.length > 1 ? hops.map((hop, at) => ` nexthop${hop} weight ${weights[at]}`) : hops
  const place = destination === '0.0.0.0/0' || destination === '::/0' ? 'default' : destination
  const settings = words(
    ['table', table === 'main' ? null : table],
    ['proto', protocol],
    ['src', source],
    ['metric', metric],
  )
  return `${type === 'unicast' ? '' : `${type} `}${place}${words(['nhid', nexthop])}${paths.join('')}${settings}`
}

function nexthopText({ id, protocol, gateway, interface: name, blackhole, group }: NexthopFields): string {
  const members = group.map((member) => (member.weight === 1 ? member.id : `${member.id},${member.weight}`)).join('/')
  const hop = words(['via', gateway], ['dev', name], ['group', members === '' ? null : members])
  return `id ${id}${hop}${blackhole ? ' blackhole' : ''} proto ${protocol}`
}

function ruleText({ family, priority, from, to, iif, fwmark, type, table }: RuleFields): string {
  const selectors = words(['to', to], ['fwmark', fwmark], ['iif', iif])
  const action = type === 'lookup' ? ` lookup ${table}` : ` ${type}`
  return `${family === 4 ? 'inet' : 'inet6'} ${priority}: from ${from ?? 'all'}${selectors}${action}`
}

const neighbourText = ({ interface: name, address, mac, state }: NeighbourFields): string =>
  `${address} dev ${name}${words(['lladdr', mac])} ${state}`

/** The values that others have taken the place of. */
function wasText(was: object = {}): string {
  const parts = Object.entries(was).map(([field, value]) => {
    const text = Array.isArray(value) ? value.map(partText).join(',') : partText(value)
    return field === 'interface' ? text : `${field} ${text}`
  })
  return parts.length === 0 ? '' : ` (was ${parts.join(', ')})`
}

/** One of several values: a gateway, or a member of a group of next hops. */
const partText = (part: unknown): string =>
  part === null ? 'none' : typeof part === 'object' ? Object.values(part).join('*') : String(part)

function impairmentText({ from, to, impairments, emulation, was }: ImpairmentEvent): string {
  const before = was.impairments === null ? '' : ` (was ${was.impairments})`
  return `${from} → ${to}: ${impairments ?? 'none'}${emulation === null ? '' : ` by ${emulation}`}${before}`
}

function localTime(at: string): string {
  const time = new Date(at)
  const parts = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0'))
  return `${parts.join(':')}.${String(time.getMilliseconds()).padStart(3, '0')}`
}
