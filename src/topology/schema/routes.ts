// The keys of a node for routing: routes, next-hop objects, policy rules and neighbours.
import { z } from 'zod'
import { FIREWALL_MARK, NEXTHOP_ID } from '../values/patterns.js'
import { checkedText } from '../values/text-schema.js'
import { address, addressOrNode, interfaceName, mac, networkOrNode } from '../values/values.js'
import { table } from './interfaces/common.js'

const MAX = 0xffff_ffff
const number = (what: string, least = 0) =>
  z.int().min(least, `${what} is ${least} to ${MAX}`).max(MAX, `${what} is ${least} to ${MAX}`)
const weight = z.int().min(1, 'a weight is 1 to 256').max(256, 'a weight is 1 to 256').default(1)
const nexthopId = number('the id of a next hop', 1)

const NUMBER = /^[1-9][0-9]{0,9}$/
const nexthopKey = checkedText(
  (text) => (NUMBER.test(text) && Number(text) <= MAX ? null : `the id of a next hop is a number, 1 to ${MAX}`),
  NEXTHOP_ID,
  'nexthopId',
)

const via = addressOrNode
  .optional()
  .describe('the next hop: an address, `NODE` or `NODE:INTERFACE`; without it, the destination is on the link')
const dev = interfaceName.optional().describe('interface; found from the gateway by default')
const onlink = z
  .boolean()
  .optional()
  .describe('whether `via` is on the link of `dev`, though it is on no subnet there; `false` by default')

export const route = z.strictObject({
  to: z
    .union([z.literal('default'), networkOrNode])
    .describe('destination: `PREFIX/LENGTH`, `default`, `NODE` or `NODE:INTERFACE`'),
  via,
  dev,
  onlink,
  nexthops: z
    .array(z.strictObject({ via, dev, onlink, weight: weight.describe('its share, 1 to 256') }))
    .min(1, 'a route has at least one next hop')
    .optional()
    .describe('several next hops, each with `via`, `dev`, `onlink` and `weight`, in place of one'),
  nhid: nexthopId.optional().describe('number of one of `nexthops` of the node, in place of a next hop'),
  type: z
    .enum(['unicast', 'blackhole', 'unreachable', 'prohibit'])
    .default('unicast')
    .describe(
      '`unicast` forwards packets; `blackhole` drops them silently, `unreachable` and `prohibit` with an ICMP error',
    ),
  metric: number('a metric')
    .optional()
    .describe('the route with the lowest is used; 0 in IPv4 and 1024 in IPv6 by default'),
  table: table
    .optional()
    .describe("number of the routing table; by default that of the interface's VRF, else the main one"),
  source: address.optional().describe('address that packets of the node itself leave with'),
})

export const nexthop = z.strictObject({
  via,
  dev,
  onlink,
  blackhole: z.boolean().optional().describe('whether it drops packets'),
  family: z
    .union([z.literal(4), z.literal(6)])
    .optional()
    .describe('address family of a next hop without `via`, or with a node there; 4 by default'),
  group: z
    .record(nexthopKey, weight)
    .optional()
    .describe('number of another next hop → its share, 1 to 256; in place of all other keys'),
})

export const nexthops = z.record(nexthopKey, nexthop)

const MARK = /^(?:0x[0-9a-f]{1,8}|[0-9]{1,10})(?:\/(?:0x[0-9a-f]{1,8}|[0-9]{1,10}))?$/i

/** The fault of a mark; null for none. */
const markFault = (text: string): string | null =>
  MARK.test(text) && text.split('/').every((part) => Number(part) <= MAX)
    ? null
    : `${text} is not MARK or MARK/MASK, such as 16 or 0x10/0xff`

export const rule = z.strictObject({
  from: networkOrNode.optional().describe('source: `PREFIX/LENGTH`, `NODE` or `NODE:INTERFACE`'),
  to: networkOrNode.optional().describe('destination: `PREFIX/LENGTH`, `NODE` or `NODE:INTERFACE`'),
  iif: interfaceName.optional().describe("interface that packets came in by; `lo` for the node's own"),
  fwmark: z
    .union([number('a mark'), checkedText(markFault, FIREWALL_MARK)])
    .optional()
    .describe('mark of the packets, `MARK` or `MARK/MASK`'),
  table: table.optional().describe('number of the routing table that the packets use'),
  action: z
    .enum(['blackhole', 'unreachable', 'prohibit'])
    .optional()
    .describe(
      'in place of `table`: `blackhole` drops packets silently, `unreachable` and `prohibit` with an ICMP error',
    ),
  priority: number('a priority')
    .optional()
    .describe('rules with a lower number are looked at first; 10000 and on, in the order of the file, by default'),
  family: z
    .union([z.literal(4), z.literal(6)])
    .optional()
    .describe('address family of a rule without `from` and `to`; both by default'),
})

export const neighbour = z.strictObject({
  address: addressOrNode.describe('IP address, or a node or `NODE:INTERFACE` on the link'),
  mac: mac.describe('MAC address that it has'),
  dev: interfaceName.optional().describe('interface; found from the address by default'),
})
