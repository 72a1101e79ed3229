// The sysctls every node is given. A new network namespace copies many from the host's, so what a lab depends on is
// written, whatever the host has.
import type { Family, NodeKind } from '../../model/resolved.js'

/**
 * In writing order; what the user wrote comes last and wins. See ip-sysctl in the kernel's documentation. A lab without
 * IPv6 writes none of its sysctls, so that it runs on a kernel that has no IPv6.
 */
export function sysctlsOf(
  kind: NodeKind,
  families: readonly Family[],
  written: Readonly<Record<string, string>>,
): Record<string, string> {
  return { ...ipv4(kind), ...(families.includes(6) ? ipv6(kind) : {}), ...written }
}

/**
 * Whether a lab works without this one where /proc/sys cannot be written, as in a container: most of nslab's own are for
 * the case that the host has unusual settings. Forwarding is not among them, nor is what differs from nslab's choice.
 */
export function isDispensable(kind: NodeKind, key: string, value: string): boolean {
  return FORWARDING.has(key) ? value === '0' : value === OWN[kind][key]
}

/** Whether a sysctl is of a network namespace; others are of other namespaces, or the machine's. */
export const isOfNetwork = (key: string): boolean => /^net[./]/.test(key)

const FORWARDING = new Set(['net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding'])

const ipv4 = (kind: NodeKind): Record<string, string> => ({
  // First: writing it resets others.
  'net.ipv4.ip_forward': forwards(kind),
  // The larger of `all` and the interface's own counts, so both are needed.
  'net.ipv4.conf.all.rp_filter': '0',
  'net.ipv4.conf.default.rp_filter': '0',
  'net.ipv4.ping_group_range': '0 0',
  ...(kind === 'router' ? { 'net.ipv4.fib_multipath_hash_policy': '1' } : {}),
})

const ipv6 = (kind: NodeKind): Record<string, string> => ({
  'net.ipv6.conf.all.disable_ipv6': '0',
  'net.ipv6.conf.all.forwarding': forwards(kind),
  // Written before any link exists, link-local addresses can be used at once.
  'net.ipv6.conf.all.accept_dad': '0',
  'net.ipv6.conf.default.accept_dad': '0',
  'net.ipv6.conf.default.accept_ra': '0',
  'net.ipv6.conf.all.keep_addr_on_down': '1',
  ...(kind === 'router' ? { 'net.ipv6.fib_multipath_hash_policy': '1' } : {}),
})

const forwards = (kind: NodeKind): string => (kind === 'router' ? '1' : '0')

const own = (kind: NodeKind): Readonly<Record<string, string>> => ({ ...ipv4(kind), ...ipv6(kind) })

/** nslab's choice for each kind of node. */
const OWN: Readonly<Record<NodeKind, Readonly<Record<string, string>>>> = {
  host: own('host'),
  router: own('router'),
  switch: own('switch'),
}
