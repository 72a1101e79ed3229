// VLANs on top of another interface.
import { z } from 'zod'
import { interfaceName } from '../../values/values.js'
import { ethernet, vlanId } from './common.js'

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
