// A device of the machine's own, such as a network card, that the node has while the lab stands.
import { z } from 'zod'
import { interfaceName } from '../../values/values.js'
import { ethernet } from './common.js'

export const physical = z
  .strictObject({
    kind: z.literal('device').describe('`device`; may be left out'),
    ...ethernet,
    mac: ethernet.mac.describe('MAC address; its own by default'),
    mtu: ethernet.mtu.describe('MTU in bytes; 1500 by default'),
    device: interfaceName.describe('name of the device on the machine; it comes back when the lab goes (root only)'),
  })
  .meta({ mayLack: 'kind' })

/** `{ device: enp3s0 }` says its kind by that. */
export const withKind = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'device' in value && !('kind' in value)
    ? { kind: 'device', ...value }
    : value
