// The sysctls every node is given. A new network namespace copies many from the host's, so what a lab depends on is
// written, whatever the host has.
import type { NodeKind } from './resolved.js'

/** In writing order; what the user wrote comes last and wins. See ip-sysctl in the kernel's documentation. */
export function sysctlsOf(kind: NodeKind, written: Readonly<Record<string, string>>): Record<string, string> {
  const forwards = kind === 'router' ? '1' : '0'
  return {
    'net.ipv4.ip_forward': forwards,
    'net.ipv6.conf.all.disable_ipv6': '0',
    'net.ipv6.conf.all.forwarding': forwards,
    // The larger of `all` and the interface's own counts, so both are needed.
    'net.ipv4.conf.all.rp_filter': '0',
    'net.ipv4.conf.default.rp_filter': '0',
    // Written before any link exists, link-local addresses can be used at once.
    'net.ipv6.conf.all.accept_dad': '0',
    'net.ipv6.conf.default.accept_dad': '0',
    'net.ipv6.conf.default.accept_ra': '0',
    'net.ipv6.conf.all.keep_addr_on_down': '1',
    'net.ipv4.ping_group_range': '0 0',
    ...(kind === 'router'
      ? { 'net.ipv4.fib_multipath_hash_policy': '1', 'net.ipv6.fib_multipath_hash_policy': '1' }
      : {}),
    ...written,
  }
}
