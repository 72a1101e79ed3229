// Bridges: join their members to one Ethernet network.
import { z } from 'zod'
import { interfaceName } from '../../values/values.js'
import { ethernet, members, vlanId } from './common.js'

const seconds = z.number()

const portVlans = z.strictObject({
  untagged: vlanId.optional().describe('VLAN of packets without a tag, 1 to 4094'),
  tagged: z.array(vlanId).default([]).describe('list of VLANs whose packets keep their tag'),
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
    vlans: z.record(interfaceName, portVlans).default({}).describe('port, or the bridge itself → its VLANs'),
  })
  .describe('a bridge')
