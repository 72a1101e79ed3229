// The `ip` commands that add routes, next-hop objects and policy rules. Pure text.
import type { Family } from '../../model/family.js'
import type { NexthopAdd, RouteAdd, RuleAdd } from '../op.js'
import { quoted } from './shell.js'

const ip = (family: Family): string => (family === 6 ? 'ip -6' : 'ip')

const word = (name: string, value: string | number | null | undefined): string =>
  value === undefined || value === null ? '' : ` ${name} ${value}`

export const routeCommand = (op: RouteAdd): string => routeWords('add', op)

export function routeWords(verb: 'add' | 'replace' | 'delete', op: RouteAdd): string {
  const { node, family, destination, nextHops, source, type, metric, table, nexthopId } = op
  const hops = nextHops.map(
    ({ gateway, interface: name, weight, onlink }) =>
      `${gateway === null ? '' : `via ${gateway} `}dev ${quoted(name)}${word('weight', weight)}${onlink ? ' onlink' : ''}`,
  )
  const path = hops.length === 1 ? hops : hops.map((hop) => `nexthop ${hop}`)
  const what = `${type === undefined ? '' : `${type} `}${destination}`
  const rest = `${word('src', source)}${word('metric', metric)}${word('table', table)}${word('nhid', nexthopId)}`
  return [`${ip(family)} -n ${node} route ${verb} ${what} proto static${rest}`, ...path].join(' ')
}

export const nexthopCommand = (op: NexthopAdd): string => nexthopWords('add', op)

export function nexthopWords(verb: 'add' | 'replace', { node, nexthop }: NexthopAdd): string {
  const { id, family } = nexthop
  const add = `-n ${node} nexthop ${verb} id ${id}`
  if ('group' in nexthop) {
    const members = nexthop.group.map((member) => (member.weight === 1 ? member.id : `${member.id},${member.weight}`))
    return `ip ${add} group ${members.join('/')} proto static`
  }
  if ('blackhole' in nexthop) return `${ip(family)} ${add} blackhole proto static`
  return `${ip(family)} ${add}${word('via', nexthop.hop.gateway)} dev ${quoted(nexthop.hop.interface)}${nexthop.hop.onlink ? ' onlink' : ''} proto static`
}

export const ruleCommand = (op: RuleAdd): string => ruleWords('add', op)

export function ruleWords(change: 'add' | 'delete', { node, rule }: RuleAdd): string {
  const { family, priority, from, to, iif, fwmark, action } = rule
  const mark = fwmark && `${fwmark.mark}${fwmark.mask === undefined ? '' : `/${fwmark.mask}`}`
  const verb = typeof action === 'string' ? `${action} ` : ''
  const which = `${word('from', from ?? (to === undefined ? 'all' : undefined))}${word('to', to)}${word('fwmark', mark)}${word('iif', iif && quoted(iif))}`
  const table = typeof action === 'string' ? '' : ` table ${action.table}`
  return `${ip(family)} -n ${node} rule ${change} ${verb}priority ${priority}${which}${table}`
}
