// The sysctls of every node. A new network namespace has many of the host's values, so nslab writes all that a lab depends on.
import type { Family } from '../../model/family.js'
import type { NodeKind } from '../../model/resolved.js'

/**
 * The sysctls of a node in the order in which they are written; those of the user come last and win. See ip-sysctl in the
 * kernel's documentation. A lab without IPv6 has no sysctls of IPv6, so that it runs on a kernel without IPv6.
 */
export function sysctlsOf(
  kind: NodeKind,
  ofLab: readonly Family[],
  families: readonly Family[],
  written: Readonly<Record<string, string>>,
): Record<string, string> {
  const ofIpv6 = families.includes(6) ? ipv6(kind) : ofLab.includes(6) ? WITHOUT_IPV6 : {}
  return { ...ipv4(kind), ...ofIpv6, ...written }
}

/**
 * Whether a lab works without this sysctl if /proc/sys cannot be written, as in a container. Most of nslab's own sysctls matter
 * only if the host has unusual settings. Forwarding always matters, and so does a value that the user chose.
 */
export function isDispensable(kind: NodeKind, key: string, value: string): boolean {
  return FORWARDING.has(key) ? value === '0' : value === OWN[kind][key]
}

/**
 * What a sysctl of a single interface is of: the interface, `all` or `default`; null for any other sysctl. With dots between the
 * parts of a key, a slash stands for a dot in the name (sysctl(8)).
 */
export function ownerOfSysctl(key: string): string | null {
  const [, mark, name] = /^net([./])(?:ipv4|ipv6|mpls)[./](?:conf|neigh)[./](.+)[./][a-z0-9_]+$/.exec(key) ?? []
  return name === undefined ? null : mark === '.' ? name.replaceAll('/', '.') : name
}

/** Whether a sysctl belongs to the network namespace. */
export const isOfNetwork = (key: string): boolean => /^net[./]/.test(key)

const FORWARDING = new Set(['net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding'])

const ipv4 = (kind: NodeKind): Record<string, string> => ({
  // Written first, since it resets other sysctls.
  'net.ipv4.ip_forward': forwards(kind),
  // The kernel uses the larger one of `all` and of the interface, so both are needed.
  'net.ipv4.conf.all.rp_filter': '0',
  'net.ipv4.conf.default.rp_filter': '0',
  'net.ipv4.ping_group_range': '0 0',
  ...(kind === 'router' ? { 'net.ipv4.fib_multipath_hash_policy': '1' } : {}),
})

const ipv6 = (kind: NodeKind): Record<string, string> => ({
  'net.ipv6.conf.all.disable_ipv6': '0',
  'net.ipv6.conf.all.forwarding': forwards(kind),
  // If this is written before there are links, link-local addresses can be used at once.
  'net.ipv6.conf.all.accept_dad': '0',
  'net.ipv6.conf.default.accept_dad': '0',
  'net.ipv6.conf.default.accept_ra': '0',
  'net.ipv6.conf.all.keep_addr_on_down': '1',
  ...(kind === 'router' ? { 'net.ipv6.fib_multipath_hash_policy': '1' } : {}),
})

/** So that such a node has no link-local addresses either. */
const WITHOUT_IPV6 = { 'net.ipv6.conf.all.disable_ipv6': '1', 'net.ipv6.conf.default.disable_ipv6': '1' }

const forwards = (kind: NodeKind): string => (kind === 'router' ? '1' : '0')

const own = (kind: NodeKind): Readonly<Record<string, string>> => ({ ...ipv4(kind), ...ipv6(kind) })

/** nslab's own sysctls for each kind of node. */
const OWN: Readonly<Record<NodeKind, Readonly<Record<string, string>>>> = {
  host: own('host'),
  router: own('router'),
  switch: own('switch'),
}
