// macvlan and ipvlan: further interfaces on a parent interface.
import { z } from 'zod'
import { interfaceName } from '../../values/values.js'
import { common, ethernet } from './common.js'

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
