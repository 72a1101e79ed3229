// VXLAN: Ethernet in UDP.
import { z } from 'zod'
import { addressOrNode } from '../../values/values.js'
import { ends, ethernet, port, ttl, vni } from './common.js'

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
