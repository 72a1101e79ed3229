// Kinds without settings of their own.

import { z } from 'zod'
import { common, ethernet } from './common.js'

export const dummy = z.strictObject({
  kind: z.literal('dummy').describe('`dummy`: drops all packets; a place for addresses'),
  ...ethernet,
})

export const ifb = z.strictObject({
  kind: z.literal('ifb').describe('`ifb`: queues packets that other interfaces received (tc-mirred(8))'),
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

export const plain = [dummy, ifb, tap, tun] as const
