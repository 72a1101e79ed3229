// A network device of the machine, such as a card, which a node has while the lab runs.
import { z } from 'zod'
import { interfaceName } from '../../values/values.js'
import { ethernet } from './common.js'

export const hostDevice = z
  .strictObject({
    kind: z.literal('device').describe('`device`; may be left out'),
    ...ethernet,
    mac: ethernet.mac.describe('MAC address; its own by default'),
    mtu: ethernet.mtu.describe('MTU in bytes; 1500 by default'),
    device: interfaceName.describe(
      'name of the device on the machine, to which it returns when the lab ends (root only)',
    ),
  })
  .meta({ mayLack: 'kind' })

/** Adds the kind that `{ device: enp3s0 }` implies. */
export const withKind = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'device' in value && !('kind' in value)
    ? { kind: 'device', ...value }
    : value
