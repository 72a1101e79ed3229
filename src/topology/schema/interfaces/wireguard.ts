// WireGuard: IP in encrypted UDP.
import { z } from 'zod'
import { parseDuration } from '../../values/duration.js'
import { parseEndpoint } from '../../values/endpoint.js'
import { ENDPOINT, KEEPALIVE, NODE_OR_INTERFACE } from '../../values/patterns.js'
import { checkedText } from '../../values/text-schema.js'
import { interfaceNameFault, isAddress, nameFault, network } from '../../values/values.js'
import { common, port } from './common.js'

/** Base64 of 32 bytes: 43 characters, of which the last has two unused bits, and a filler. */
const KEY = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/
const ZEROS = `${'A'.repeat(43)}=`
const KEEPALIVE_MAX = 65_535
const KEEPALIVE_RANGE = `a keepalive is 1s to ${KEEPALIVE_MAX}s, in whole seconds`

const key = checkedText(
  (text) => {
    if (text === ZEROS) return 'a key cannot be all zeros'
    return KEY.test(text) ? null : 'this is no key: 32 bytes in base64, as `wg genkey` and `wg pubkey` print them'
  },
  KEY,
  'wireguardKey',
)

/** The fault of the name of a peer; null for none. */
function peerFault(text: string): string | null {
  const [node = '', name, ...more] = text.split(':')
  const isInterface = name === undefined || (more.length === 0 && interfaceNameFault(name) === null)
  if (nameFault(node) === null && isInterface) return null
  const [, before, after] = /^([A-Za-z0-9-]+)\.([^:/]+)$/.exec(text) ?? []
  const help = before === undefined || isAddress(text) ? '' : `; did you mean ${before}:${after}?`
  return `a peer is called NODE or NODE:INTERFACE, or by a name of its own if it is outside${help}`
}

const endpoint = checkedText((text) => {
  const parsed = parseEndpoint(text)
  return typeof parsed === 'string' ? parsed : null
}, ENDPOINT)

function keepaliveFault(text: string): string | null {
  const duration = parseDuration(text)
  if (typeof duration === 'string') return duration
  const { seconds, nanoseconds } = duration
  return nanoseconds === 0 && seconds >= 1 && seconds <= KEEPALIVE_MAX ? null : KEEPALIVE_RANGE
}

const peer = z.strictObject({
  key: key.optional().describe('public key of a peer outside the lab; of one in the lab, it is computed'),
  endpoint: endpoint
    .optional()
    .describe(
      'where to reach it: `ADDRESS:PORT`, an address, or an interface of its node; computed where it has a `port`',
    ),
  allowed: z
    .array(network)
    .optional()
    .describe('list of `PREFIX/LENGTH` that it may send from and gets packets for; its addresses by default'),
  keepalive: z
    .union([
      z.int().min(1, KEEPALIVE_RANGE).max(KEEPALIVE_MAX, KEEPALIVE_RANGE),
      checkedText(keepaliveFault, KEEPALIVE),
    ])
    .optional()
    .describe('time, such as `25s`, between signs of life, so that a NAT on the way keeps its state; none by default'),
})

export const wireguard = z.strictObject({
  kind: z.literal('wireguard').describe('`wireguard`: IP in encrypted UDP'),
  ...common,
  key: key.optional().describe('private key; computed from the names of lab, node and interface by default'),
  port: port("UDP port that it listens on; the kernel's choice by default").optional(),
  fwmark: z
    .int()
    .min(1, 'a mark is 1 to 4294967295')
    .max(0xffff_ffff, 'a mark is 1 to 4294967295')
    .optional()
    .describe('mark of the packets that it sends; none by default'),
  peers: z
    .record(checkedText(peerFault, NODE_OR_INTERFACE), peer)
    .default({})
    .describe('`NODE`, `NODE:INTERFACE`, or a name for a peer outside the lab → a map, which may be empty'),
})
