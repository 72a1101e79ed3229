// What it means when a kernel does not forward, or refuses a route look-up.
import type { Family } from '../../model/family.js'
import type { Asked, NodeFacts, RouteAnswer, RouteQuestion, Unread } from './asked/facts.js'
import { type Fault, fault } from './fault.js'
import type { Packet } from './firewall/packet.js'
import { refusalOf } from './policy-rules.js'

/** Forwarding is a matter of the interface by which an IPv4 packet arrives, and of the whole node for IPv6. */
export function forwardingFault(node: string, iif: string, { sysctls }: NodeFacts, family: Family): Fault | null {
  const path = family === 4 ? `ipv4/conf/${iif}/forwarding` : 'ipv6/conf/all/forwarding'
  if (sysctls.get(path) !== '0') return null
  const key =
    family === 4
      ? sysctls.get('ipv4/ip_forward') === '0'
        ? 'net.ipv4.ip_forward'
        : keyOf(4, iif, 'forwarding')
      : keyOf(6, 'all', 'forwarding')
  return fault({
    ...{ about: 'sysctl', code: 'forwarding-off', node, interface: iif },
    ...{ evidence: `${key} = 0`, remedy: ['sysctl', '-w', `${key}=1`] },
    words: `${node} does not forward IPv${family} packets (${key} = 0)`,
  })
}

/** The time to live with which a packet of a node begins, and the sysctl that says so. */
export interface Life {
  node: string
  key: string
  /** Of an IPv6 packet, its hop limit. */
  ttl: number
}

export function lifeOf(node: string, { sysctls }: NodeFacts, family: Family, device: string): Life {
  const [path, key] =
    family === 4
      ? ['ipv4/ip_default_ttl', 'net.ipv4.ip_default_ttl']
      : [`ipv6/conf/${device}/hop_limit`, keyOf(6, device, 'hop_limit')]
  return { node, key, ttl: Number(sysctls.get(path) ?? TTL) }
}

/** As the kernel has it (IPDEFTTL, linux/ip.h). */
const TTL = 64

/** @returns null while a router may forward the packet once more */
export function ttlFault(router: string, routers: number, { node, key, ttl }: Life): Fault | null {
  if (ttl > routers) return null
  return fault({
    ...{
      about: 'sysctl',
      code: 'ttl-too-low',
      node,
      evidence: `${key} = ${ttl}`,
      remedy: ['sysctl', '-w', `${key}=${TTL}`],
    },
    words: `${router} drops packets of ${node}, whose time to live is over there (${key} = ${ttl})`,
  })
}

/** @returns null where the kernel answers the packet, or leaves that to a socket */
export function ignoredFault(node: string, { sysctls }: NodeFacts, { family, icmp }: Packet): Fault | null {
  const path = family === 4 ? 'ipv4/icmp_echo_ignore_all' : 'ipv6/icmp/echo_ignore_all'
  if (icmp !== 'echo-request' || sysctls.get(path) !== '1') return null
  const key = `net.${path.replaceAll('/', '.')}`
  return fault({
    ...{ about: 'sysctl', code: 'echo-ignored', node, evidence: `${key} = 1`, remedy: ['sysctl', '-w', `${key}=0`] },
    words: `${node} does not answer pings (${key} = 1)`,
  })
}

/** @returns null when there is a route */
export function routeFault(
  asked: Asked,
  node: string,
  facts: NodeFacts,
  question: RouteQuestion,
  answer: Exclude<RouteAnswer, Unread>,
): Fault | null {
  const { iif, to, from, family } = question
  if (!('error' in answer) && !/^(?:blackhole|unreachable|prohibit)$/.test(answer.type)) return null
  const kind = 'error' in answer ? answer.error : answer.type
  const said = 'error' in answer ? `ip route get ${to}: ${answer.error}` : answer.text
  const ip = family === 6 ? ['ip', '-6'] : ['ip']
  const refusal = refusalOf(facts, question)
  if (refusal !== null && 'rule' in refusal)
    return fault({
      ...{ about: 'rule', code: 'rule-refuses', node, evidence: refusal.rule },
      remedy: [...ip, 'rule', 'del', 'pref', String(refusal.priority)],
      words: `a rule of ${node} refuses the packet: ${refusal.rule}`,
    })
  if (refusal !== null)
    return fault({
      ...{ about: 'route', code: 'route-refuses', node, evidence: refusal.route },
      remedy: [...ip, 'route', 'del', ...refusal.route.replace(/ (?:pref|error|expires) .*$/, '').split(/\s+/)],
      words: `${node} has the route ${refusal.route}`,
    })
  const filtering = iif === null ? [] : filteringKeys(facts, iif)
  // The kernel refuses a packet of a wrong source with EXDEV or EINVAL.
  if (family === 4 && filtering.length > 0 && /cross-device|Invalid argument/.test(kind))
    return fault({
      ...{ about: 'sysctl', code: 'rp-filter', node, interface: iif, evidence: `${filtering.join(', ')}: ${said}` },
      remedy: ['sysctl', '-w', ...filtering.map((key) => `${key}=0`)],
      words: `${node} drops packets from ${from} on ${iif}, since its way to there is another one (rp_filter)`,
    })
  const off = ['all', iif ?? 'all'].find((each) => facts.sysctls.get(`ipv6/conf/${each}/disable_ipv6`) === '1')
  if (family === 6 && off !== undefined) {
    const key = keyOf(6, off, 'disable_ipv6')
    return fault({
      ...{ about: 'sysctl', code: 'ipv6-disabled', node, evidence: `${key} = 1`, remedy: ['sysctl', '-w', `${key}=0`] },
      words: `IPv6 is disabled on ${node}`,
    })
  }
  return missingRoute(asked, node, to, said, ip)
}

function missingRoute(asked: Asked, node: string, to: string, said: string, ip: string[]): Fault {
  const planned = asked.plannedRoute(node, to)
  const what = planned?.startsWith('default') ? 'default route' : `route to ${planned?.split(' ')[0]}`
  return fault({
    ...{ about: 'route', code: 'no-route', node, evidence: said },
    remedy: planned === null ? null : [...ip, 'route', 'add', ...planned.split(' ')],
    words: `${node} has no route to ${to}${planned === null ? '' : ` (its ${what} was removed)`}`,
  })
}

/** The settings that make the kernel check where packets of an interface come from: the greater of the two counts. */
const filteringKeys = ({ sysctls }: NodeFacts, iif: string): string[] =>
  ['all', iif]
    .filter((each) => Number(sysctls.get(`ipv4/conf/${each}/rp_filter`) ?? 0) > 0)
    .map((each) => keyOf(4, each, 'rp_filter'))

/** As sysctl(8) takes it: a dot in the name of an interface is a slash, since dots stand between the parts. */
const keyOf = (family: Family, device: string, name: string): string =>
  `net.ipv${family}.conf.${device.replaceAll('.', '/')}.${name}`
