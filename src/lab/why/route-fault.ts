// What it means when a kernel does not forward, or refuses a route look-up.
import { BlockList, isIPv6 } from 'node:net'
import type { Family } from '../../model/family.js'
import type { ExplainedCause } from '../../model/reach/explanation.js'
import type { Asked, NodeFacts, RouteAnswer } from './facts.js'

export interface Fault {
  /** As in `Finding`. */
  about: string
  cause: ExplainedCause
  /** The clause of the sentence. */
  words: string
}

export interface LookUp {
  node: string
  iif: string | null
  to: string
  source: string | null
  family: Family
}

/** Forwarding is a matter of the interface by which an IPv4 packet arrives, and of the whole node for IPv6. */
export function forwardingFault(node: string, iif: string, { sysctls }: NodeFacts, family: Family): Fault | null {
  const path = family === 4 ? `ipv4/conf/${iif}/forwarding` : 'ipv6/conf/all/forwarding'
  if (sysctls.get(path) !== '0') return null
  const key =
    family === 4 && sysctls.get('ipv4/ip_forward') === '0' ? 'net.ipv4.ip_forward' : `net.${path.replaceAll('/', '.')}`
  const cause = { code: 'forwarding-off', node, interface: iif, evidence: `${key} = 0`, remedy: `sysctl -w ${key}=1` }
  return { about: 'sysctl', cause, words: `${node} does not forward IPv${family} packets (${key} = 0)` }
}

/** @returns null when there is a route */
export function routeFault(asked: Asked, look: LookUp, facts: NodeFacts, answer: RouteAnswer): Fault | null {
  const { node, iif, to, source, family } = look
  const kind = 'error' in answer ? answer.error : answer.type
  const ip = family === 6 ? 'ip -6' : 'ip'
  if (!('error' in answer) && !/^(?:blackhole|unreachable|prohibit)$/.test(answer.type)) return null
  const said = 'error' in answer ? `ip route get ${to}: ${answer.error}` : answer.text
  const rule = facts.rules.find((line) => /\b(?:blackhole|unreachable|prohibit)\b/.test(line))
  if (rule !== undefined) {
    const remedy = `${ip} rule del pref ${rule.split(':')[0]}`
    const cause = { code: 'rule-refuses', node, interface: null, evidence: rule, remedy }
    return { about: 'rule', cause, words: `a rule of ${node} refuses the packet: ${rule}` }
  }
  const refusing = facts.routes.find((line) => /^(?:blackhole|unreachable|prohibit) /.test(line) && contains(line, to))
  if (refusing !== undefined) {
    const remedy = `${ip} route del ${refusing.replace(/ (?:pref|error|expires) .*$/, '')}`
    const cause = { code: 'route-refuses', node, interface: null, evidence: refusing, remedy }
    return { about: 'route', cause, words: `${node} has the route ${refusing}` }
  }
  const filtering = iif === null ? [] : filteringKeys(facts, iif)
  // The kernel refuses a packet of a wrong source with EXDEV or EINVAL.
  if (family === 4 && filtering.length > 0 && /cross-device|Invalid argument/.test(kind)) {
    const remedy = `sysctl -w ${filtering.map((key) => `${key}=0`).join(' ')}`
    const cause = { code: 'rp-filter', node, interface: iif, evidence: `${filtering.join(', ')}: ${said}`, remedy }
    const words = `${node} drops packets from ${source} on ${iif}, since its way to there is another one (rp_filter)`
    return { about: 'sysctl', cause, words }
  }
  const off = 'ipv6/conf/all/disable_ipv6'
  if (family === 6 && facts.sysctls.get(off) === '1') {
    const cause = {
      code: 'ipv6-disabled',
      node,
      interface: null,
      evidence: 'net.ipv6.conf.all.disable_ipv6 = 1',
      remedy: 'sysctl -w net.ipv6.conf.all.disable_ipv6=0',
    }
    return { about: 'sysctl', cause, words: `IPv6 is disabled on ${node}` }
  }
  const planned = asked.plannedRoute(node, to)
  const cause = {
    code: 'no-route',
    node,
    interface: null,
    evidence: said,
    remedy: planned === null ? null : `${ip} route add ${planned}`,
  }
  const removed =
    planned === null
      ? ''
      : ` (its ${planned.startsWith('default') ? 'default route' : `route to ${planned.split(' ')[0]}`} was removed)`
  return { about: 'route', cause, words: `${node} has no route to ${to}${removed}` }
}

/** The settings that make the kernel check where packets of an interface come from: the greater of the two counts. */
const filteringKeys = ({ sysctls }: NodeFacts, iif: string): string[] =>
  ['all', iif]
    .filter((each) => Number(sysctls.get(`ipv4/conf/${each}/rp_filter`) ?? 0) > 0)
    .map((each) => `net.ipv4.conf.${each}.rp_filter`)

/** Whether the prefix of a line of `ip route` has an address in it. */
export function contains(line: string, address: string): boolean {
  const prefix = line.split(' ')[1] ?? ''
  return prefix === 'default' || isWithin(prefix, address)
}

export function isWithin(prefix: string, address: string): boolean {
  const [network = '', length = isIPv6(address) ? '128' : '32'] = prefix.split('/')
  const kind = isIPv6(address) ? 'ipv6' : 'ipv4'
  if (isIPv6(network) !== isIPv6(address)) return false
  const list = new BlockList()
  list.addSubnet(network, Number(length), kind)
  return list.check(address, kind)
}
