// Kinds that stand on one other interface, their parent: VLANs, macvlan and ipvlan.

import { z } from 'zod'
import { interfaceName } from '../../values/values.js'
import { common, ethernet, vlanId } from './common.js'

export const vlan = z.strictObject({
  kind: z.literal('vlan').describe('`vlan`: the packets of another interface that have a tag'),
  ...ethernet,
  mac: ethernet.mac.describe("MAC address; the parent's by default"),
  parent: interfaceName.describe('interface whose packets have the tag'),
  id: vlanId.describe('VLAN id, 1 to 4094'),
  protocol: z
    .enum(['802.1q', '802.1ad'])
    .default('802.1q')
    .describe('`802.1q`, or `802.1ad` for the outer of two tags'),
})

export const macvlan = z.strictObject({
  kind: z.literal('macvlan').describe('`macvlan`: another MAC address on an interface'),
  ...ethernet,
  parent: interfaceName.describe('interface that it stands on'),
  mode: z
    .enum(['bridge', 'private', 'vepa', 'passthru'])
    .default('bridge')
    .describe('which interfaces on the same parent can talk to each other'),
})

export const ipvlan = z.strictObject({
  kind: z.literal('ipvlan').describe('`ipvlan`: another interface with the same MAC address'),
  ...common,
  parent: interfaceName.describe('interface that it stands on'),
  mode: z.enum(['l2', 'l3', 'l3s']).default('l3').describe('whether it switches or routes'),
  flag: z
    .enum(['bridge', 'private', 'vepa'])
    .default('bridge')
    .describe('which interfaces on the same parent can talk to each other'),
})

export const stacked = [vlan, macvlan, ipvlan] as const
