// Kinds that have members: bridges, bonds and VRFs.

import { z } from 'zod'
import { interfaceName } from '../../values/values.js'
import { ethernet, members, table, vlanId } from './common.js'

const seconds = z.number()

const portVlans = z.strictObject({
  untagged: vlanId.optional().describe('VLAN of packets without a tag, 1 to 4094'),
  tagged: z.array(vlanId).default([]).describe('list of VLANs whose packets keep their tag'),
})

/** Frames to these addresses concern the link alone (IEEE 802.1Q, table 8-1). */
const groupMask = (reserved: number, text: string) =>
  z
    .int()
    .min(0, 'a mask is 0 to 0xffff')
    .max(0xffff, 'a mask is 0 to 0xffff')
    .refine((mask) => (mask & reserved) === 0, text)

const portSettings = z.strictObject({
  cost: z
    .int()
    .min(1, 'a cost is 1 to 65535')
    .max(65_535, 'a cost is 1 to 65535')
    .optional()
    .describe('path cost in the spanning tree; by the speed of the interface by default'),
  priority: z
    .int()
    .min(0, 'a priority of a port is 0 to 63')
    .max(63, 'a priority of a port is 0 to 63')
    .optional()
    .describe('of two ports with the same cost, the one with the lower priority is used; 32 by default'),
  group_fwd_mask: groupMask(0b10, 'bit 1, pause frames, is never forwarded')
    .optional()
    .describe('as that of the bridge, for frames that come in by this port; STP and LACP can be forwarded here'),
})

export const bridge = z
  .strictObject({
    kind: z.literal('bridge').describe('`bridge`: joins its members to one Ethernet network'),
    ...ethernet,
    members: members.describe('interfaces that are its ports; on a switch, beside its links'),
    stp: z.boolean().optional().describe('spanning tree protocol; `false` by default'),
    priority: z
      .int()
      .min(0, 'a priority is 0 to 65535')
      .max(65_535, 'a priority is 0 to 65535')
      .optional()
      .describe('the bridge with the lowest one becomes the root of the spanning tree; 32768 by default'),
    forward_delay: seconds
      .min(2, 'a forward delay is 2 to 30 seconds')
      .max(30, 'a forward delay is 2 to 30 seconds')
      .optional()
      .describe('seconds for which a port listens, and again learns, before it forwards; 2 with `stp` by default'),
    hello_time: seconds
      .min(1, 'a hello time is 1 to 10 seconds')
      .max(10, 'a hello time is 1 to 10 seconds')
      .optional()
      .describe('seconds between messages of the spanning tree; 2 by default'),
    max_age: seconds
      .min(6, 'a max age is 6 to 40 seconds')
      .max(40, 'a max age is 6 to 40 seconds')
      .optional()
      .describe('seconds after which a neighbour in the spanning tree is gone; 20 by default'),
    ageing: seconds
      .min(0, 'an ageing time is not negative')
      .max(1_000_000, 'an ageing time is at most 1000000 seconds')
      .optional()
      .describe('seconds after which a MAC address that is not heard of is forgotten; 300 by default'),
    multicast_snooping: z.boolean().optional().describe('IGMP and MLD snooping; `true` by default'),
    vlan_filtering: z
      .boolean()
      .optional()
      .describe('whether the bridge filters by VLAN; `true` by default if there are `vlans`'),
    default_pvid: z
      .int()
      .min(0, 'a default VLAN is 0 to 4094')
      .max(4094, 'a default VLAN is 0 to 4094')
      .optional()
      .describe('VLAN of packets without a tag on ports that are not in `vlans`, or 0 for none; 1 by default'),
    group_fwd_mask: groupMask(0b111, 'bits 0 to 2, STP, pause frames and LACP, are never forwarded by a whole bridge')
      .optional()
      .describe('frames to 01:80:C2:00:00:0X are forwarded if bit X is set, such as 0x4000 for LLDP; 0 by default'),
    ports: z.record(interfaceName, portSettings).default({}).describe('port → its settings'),
    vlans: z.record(interfaceName, portVlans).default({}).describe('port, or the bridge itself → its VLANs'),
  })
  .describe('a bridge')

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

export const vrf = z.strictObject({
  kind: z.literal('vrf').describe('`vrf`: gives its members a routing table of their own'),
  ...ethernet,
  table: table.describe('number of the routing table'),
  members: members.describe('interfaces that are in it'),
})

export const masters = [bridge, bond, vrf] as const
