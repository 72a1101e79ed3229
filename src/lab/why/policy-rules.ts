// Which rule of the routing policy database, or which route, refuses a packet (ip-rule(8)): the kernel says only that one does.
import { type NodeFacts, type PolicyRule, protocolName, type RouteQuestion } from './asked/facts.js'
import { contains, isWithin } from './asked/prefix.js'

/** Selectors that are examined, and words that select nothing. Any other word makes a rule one of which nothing is known. */
const KNOWN =
  /^(?:priority|not|src|srclen|dst|dstlen|iif|oif|fwmark|fwmask|ipproto|sport|dport|table|action|protocol|family|(?:iif|oif)_?detached)$/
const REFUSING = /^(?:blackhole|unreachable|prohibit)\b/

export type Refusal = { rule: string; priority: number } | { route: string }

/** The first rule or route that refuses the packet, in the order in which the kernel asks them; null where none is known to. */
export function refusalOf({ rules, ruleTexts, routes }: NodeFacts, question: RouteQuestion): Refusal | null {
  for (const rule of [...rules].sort((a, b) => a.priority - b.priority)) {
    if (selects(rule, question) !== true) continue
    const text = ruleTexts.find((line) => line.startsWith(`${rule.priority}:`) && REFUSING.test(rule.action ?? ''))
    if (REFUSING.test(rule.action ?? ''))
      return { rule: text ?? `${rule.priority}: ${rule.action}`, priority: rule.priority }
    const refusing = rule.table === undefined ? null : bestRoute(routes, rule.table, question.to)
    if (refusing !== null && REFUSING.test(refusing)) return { route: refusing }
    if (refusing !== null) return null
  }
  return null
}

/** Whether a rule selects a packet; null where that is not known. */
export function selects(
  rule: PolicyRule,
  { to, from, iif, family, mark, protocol, sport, dport }: RouteQuestion,
): boolean | null {
  const is = (wanted: unknown, own: unknown): boolean | null =>
    wanted === undefined ? true : own === null ? null : wanted === own
  const mask = rule.fwmask === undefined ? 0xffffffff : Number(rule.fwmask)
  const found = [
    isIn(rule.src, rule.srclen, from),
    isIn(rule.dst, rule.dstlen, to),
    // The kernel takes packets of the node's own for such of lo.
    is(rule.iif, iif ?? 'lo'),
    // Routes are looked up for sockets that are bound to an interface; these are not.
    rule.oif === undefined,
    rule.fwmark === undefined || (mark & mask) >>> 0 === Number(rule.fwmark),
    is(rule.ipproto, protocolName(protocol, family)),
    is(rule.sport, sport),
    is(rule.dport, dport),
    Object.keys(rule).every((key) => KNOWN.test(key)) || null,
  ]
  const all = found.includes(false) ? false : found.includes(null) ? null : true
  return rule.not === undefined || all === null ? all : !all
}

/** A source that the kernel has still to choose is in no prefix but that of all. */
function isIn(network: string | undefined, length: number | undefined, address: string | null): boolean {
  if (network === undefined || network === 'all') return true
  return address !== null && isWithin(length === undefined ? network : `${network}/${length}`, address)
}

/** The most specific route of a table that has an address, as a line of `ip -o route show table all`; null if there is none. */
export function bestRoute(routes: readonly string[], table: string, address: string): string | null {
  const own = routes.filter((line) => (/ table (\S+)/.exec(line)?.[1] ?? 'main') === table)
  const fitting = own.filter((line) => contains(typed(line), address))
  const length = (line: string) => {
    const prefix = typed(line).split(' ')[1] ?? ''
    return prefix === 'default' ? -1 : prefix.includes('/') ? Number(prefix.split('/')[1]) : 128
  }
  return fitting.sort((a, b) => length(b) - length(a))[0] ?? null
}

/** A line with the type of its route, which ip(8) leaves out for unicast ones. */
const typed = (line: string): string =>
  /^[a-z]+ [\da-f:.]|^[a-z]+ default/.test(line) && !line.startsWith('default') ? line : `unicast ${line}`
