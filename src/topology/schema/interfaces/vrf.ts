// Virtual routing and forwarding: members that have a routing table of their own.
import { z } from 'zod'
import { ethernet, members, table } from './common.js'

export const vrf = z.strictObject({
  kind: z.literal('vrf').describe('`vrf`: gives its members a routing table of their own'),
  ...ethernet,
  table: table.describe('number of the routing table'),
  members: members.describe('interfaces that are in it'),
})
