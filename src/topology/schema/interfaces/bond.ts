// Bonds: several links as one.
import { z } from 'zod'
import { interfaceName } from '../../values/values.js'
import { ethernet, members } from './common.js'

const milliseconds = z.int().min(0, 'a time is not negative').max(0x7fff_ffff, 'a time is at most 2147483647 ms')

export const bond = z.strictObject({
  kind: z.literal('bond').describe('`bond`: uses its members as one link'),
  ...ethernet,
  members: members.describe('interfaces that it uses; it has the addresses that are computed for their links'),
  mode: z
    .enum(['active-backup', 'balance-rr', 'balance-xor', 'broadcast', '802.3ad', 'balance-tlb', 'balance-alb'])
    .default('active-backup')
    .describe('which member a packet leaves by'),
  miimon: milliseconds.default(100).describe('milliseconds between checks of the members'),
  updelay: milliseconds.optional().describe('milliseconds after which a member that came up is used; 0 by default'),
  downdelay: milliseconds
    .optional()
    .describe('milliseconds after which a member that went down is not used; 0 by default'),
  primary: interfaceName.optional().describe('member that is used whenever it can be; none by default'),
  xmit_hash_policy: z
    .enum(['layer2', 'layer2+3', 'layer3+4', 'encap2+3', 'encap3+4', 'vlan+srcmac'])
    .optional()
    .describe('headers by which balance-xor and 802.3ad choose the member; `layer2` by default'),
  min_links: z
    .int()
    .min(0, 'a number of links is not negative')
    .max(0xffff, 'a number of links is at most 65535')
    .optional()
    .describe('members that must be up for the bond to be up; 0 by default'),
  lacp_rate: z.enum(['slow', 'fast']).optional().describe('how often 802.3ad sends LACP packets; `slow` by default'),
})
