// Tunnels: IP or Ethernet in IP.

import { z } from 'zod'
import { addressOrNode } from '../../values/values.js'
import { common, ends, ethernet, port, ttl, vni } from './common.js'

const overIp = {
  ...ends,
  ttl: ttl.describe("time to live of the outer header; the inner one's, or 64 over IPv6, by default"),
}

const key = z
  .int()
  .min(0, 'a key is 0 to 4294967295')
  .max(0xffff_ffff, 'a key is 0 to 4294967295')
  .optional()
  .describe('tells tunnels between the same addresses apart; none by default')

const greKeys = { ...common, ...overIp, key }
const gretapKeys = { ...ethernet, ...overIp, key }

export const gre = z.strictObject({ kind: z.literal('gre').describe('`gre`: IP in GRE over IPv4'), ...greKeys })

export const ip6gre = z.strictObject({
  kind: z.literal('ip6gre').describe('`ip6gre`: IP in GRE over IPv6'),
  ...greKeys,
})

export const gretap = z.strictObject({
  kind: z.literal('gretap').describe('`gretap`: Ethernet in GRE over IPv4'),
  ...gretapKeys,
})

export const ip6gretap = z.strictObject({
  kind: z.literal('ip6gretap').describe('`ip6gretap`: Ethernet in GRE over IPv6'),
  ...gretapKeys,
})

export const ipip = z.strictObject({
  kind: z.literal('ipip').describe('`ipip`: IPv4 in IPv4'),
  ...common,
  ...overIp,
})

export const sit = z.strictObject({ kind: z.literal('sit').describe('`sit`: IPv6 in IPv4'), ...common, ...overIp })

export const ip6tnl = z.strictObject({
  kind: z.literal('ip6tnl').describe('`ip6tnl`: IP in IPv6'),
  ...common,
  ...overIp,
  mode: z.enum(['any', 'ipip6', 'ip6ip6']).default('any').describe('what it carries: IPv4, IPv6 or any'),
})

export const geneve = z.strictObject({
  kind: z.literal('geneve').describe('`geneve`: Ethernet in UDP (RFC 8926)'),
  ...ethernet,
  id: vni,
  remote: ends.remote,
  dstport: port('UDP port').default(6081),
  ttl: ttl.describe('time to live of the outer header; 64 by default'),
})

export const vxlan = z.strictObject({
  kind: z.literal('vxlan').describe('`vxlan`: Ethernet in UDP (RFC 7348)'),
  ...ethernet,
  id: vni,
  remote: z
    .union([addressOrNode, z.array(addressOrNode)])
    .default([])
    .describe(
      'where packets for unknown addresses go: an address (also a multicast group), `NODE`, `NODE:INTERFACE`, or a list of them',
    ),
  local: ends.local,
  dev: ends.dev,
  dstport: port('UDP port').default(4789),
  ttl: ttl.describe('time to live of the outer header; 64 by default'),
  learning: z.boolean().default(true).describe('learns which address is behind which remote'),
})

export const tunnels = [gre, gretap, ip6gre, ip6gretap, ipip, sit, ip6tnl, vxlan, geneve] as const
