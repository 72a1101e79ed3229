// `interfaces` of a node: devices beside the ends of links, each of one kind.
import { z } from 'zod'
import { interfaceName } from '../../values/values.js'
import { hostDevice, withKind } from './host-device.js'
import { masters } from './masters.js'
import { plain } from './plain.js'
import { stacked } from './stacked.js'
import { tunnels } from './tunnels.js'
import { wireguard } from './wireguard.js'

const kinds = z.discriminatedUnion('kind', [...plain, ...stacked, ...masters, ...tunnels, wireguard, hostDevice])

export const device = z.preprocess(withKind, kinds)

export const interfaces = z
  .record(interfaceName, device)
  .describe('interfaces beside the ends of links: name → a map with its `kind`; see docs/interfaces.md')
  .meta({ id: 'interfaces' })

export type WrittenDevice = z.infer<typeof device>
export type Device<K extends WrittenDevice['kind']> = Extract<WrittenDevice, { kind: K }>
