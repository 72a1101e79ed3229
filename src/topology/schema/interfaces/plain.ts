// Kinds without settings of their own.
import { z } from 'zod'
import { common, ethernet } from './common.js'

export const dummy = z.strictObject({
  kind: z.literal('dummy').describe('`dummy`: takes packets and does nothing; a place for addresses'),
  ...ethernet,
})

export const ifb = z.strictObject({
  kind: z.literal('ifb').describe('`ifb`: where packets that came in are sent to be queued (tc-mirred(8))'),
  ...ethernet,
})

export const tap = z.strictObject({
  kind: z.literal('tap').describe('`tap`: Ethernet for a program in the node, which opens /dev/net/tun'),
  ...ethernet,
})

export const tun = z.strictObject({
  kind: z.literal('tun').describe('`tun`: IP packets for a program in the node, which opens /dev/net/tun'),
  ...common,
})
