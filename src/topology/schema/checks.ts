// What can be written under `checks`. Single values are checked here; names of nodes and what depends on several values are
// checked in topology/checks.
import { z } from 'zod'
import { checkedText } from '../values/text-schema.js'
import { addressOrNode, interfaceName } from '../values/values.js'
import { command } from './contents.js'
import { parseMoment } from './scenario.js'

/** The most packets of a check to one node: more are a measurement, which `nslab link verify` is for. */
const COUNT_MAX = 10_000
const HOUR_MS = 3_600_000

const nodeName = z.string().min(1, 'the name of a node is missing')
const family = z
  .union([z.literal(4), z.literal(6)])
  .optional()
  .describe('address family, `4` or `6`; that of `nslab ping` by default: IPv4 if both have it')
const from = nodeName.describe('node that sends, or a pattern such as `leaf*`')
const to = nodeName.describe('node, `NODE:INTERFACE`, address, or a pattern of nodes')

const ARROW = /^\S+\s*->\s*\S+$/
const arrow = checkedText(
  (text) => (ARROW.test(text.trim()) ? null : `${JSON.stringify(text)} is not NODE -> NODE`),
  /->/,
  'checkedPair',
)
const PORT = /^\S+\s*->\s*\S+:[0-9]+$/
const arrowToPort = checkedText(
  (text) => (PORT.test(text.trim()) ? null : `${JSON.stringify(text)} is not NODE -> NODE:PORT`),
  /->.*:/,
  'checkedPort',
)

/** Milliseconds of `< 5ms`, or a text that describes the fault. */
export function parseRttLimit(text: string): number | string {
  const [, number, unit] = /^<\s*([0-9]+(?:\.[0-9]+)?)(us|ms|s)$/.exec(text.trim()) ?? []
  const ms = Number(number) * (unit === 's' ? 1000 : unit === 'us' ? 0.001 : 1)
  if (ms > 0) return ms
  return `${JSON.stringify(text)} is not an upper limit such as "< 5ms"`
}

const rtt = checkedText((text) => {
  const limit = parseRttLimit(text)
  return typeof limit === 'string' ? limit : null
}, /^<\s*[0-9]+(?:\.[0-9]+)?(us|ms|s)$/)

const ping = z.union([
  arrow,
  z.strictObject({
    from,
    to,
    family,
    rtt: rtt.optional().describe('limit of the least round-trip time of each pair, such as `< 5ms`'),
    loss: z
      .number()
      .min(0, 'a loss is 0 to 100 percent')
      .max(100, 'a loss is 0 to 100 percent')
      .optional()
      .describe('percentage of packets that may be lost; 0 by default'),
    count: z
      .int()
      .min(1, `a ping has 1 to ${COUNT_MAX} packets`)
      .max(COUNT_MAX, `a ping has 1 to ${COUNT_MAX} packets`)
      .optional()
      .describe('number of packets to each node; 3 by default'),
  }),
])

const unreachable = z.union([arrow, z.strictObject({ from, to, family })])

const port = z.union([
  arrowToPort,
  z.strictObject({
    from,
    to,
    port: z.int().min(1, 'a port is 1 to 65535').max(65_535, 'a port is 1 to 65535').describe('port, 1 to 65535'),
    family,
  }),
])

const path = z.strictObject({
  from: nodeName.describe('node that sends'),
  to: nodeName.describe('node, `NODE:INTERFACE` or address at the end of the way'),
  via: z.array(nodeName).describe('list of the nodes between the two, all of them, in their order'),
  family,
})

const route = z.strictObject({
  node: nodeName.describe('node whose routing table is looked at'),
  to: checkedText((text) => (text === '' ? 'a destination is missing' : null), /./).describe(
    'destination: `ADDRESS/LENGTH`, an address, or `default`',
  ),
  via: addressOrNode.optional().describe('next hop: a node or an address; one of several is enough'),
  interface: interfaceName.optional().describe('interface that packets leave by; one of several is enough'),
})

const PATTERN = 'a text that is in it, or a regular expression such as `/^ok$/m`'

const exec = z.strictObject({
  node: nodeName.describe('node in which the command runs'),
  run: command.describe('a line for sh(1), or a list of words'),
  status: z
    .int()
    .min(0, 'an exit status is 0 to 255')
    .max(255, 'an exit status is 0 to 255')
    .optional()
    .describe('its exit status; 0 by default'),
  stdout: z.string().min(1, 'a text is missing').optional().describe(`its standard output: ${PATTERN}`),
  stderr: z.string().min(1, 'a text is missing').optional().describe(`its standard error: ${PATTERN}`),
})

const kinds = {
  ping: ping.optional().describe('every packet, or all but the `loss`, is answered: `NODE -> NODE`, or a map'),
  unreachable: unreachable.optional().describe('no packet is answered: `NODE -> NODE`, or a map'),
  tcp: port.optional().describe('a connection is accepted: `NODE -> NODE:PORT`, or a map'),
  udp: port.optional().describe('a datagram is answered: `NODE -> NODE:PORT`, or a map'),
  path: path.optional().describe('packets take a way over certain nodes'),
  route: route.optional().describe('a node has a route'),
  exec: exec.optional().describe('a command in a node ends as expected'),
}

export type WrittenKind = keyof typeof kinds
export const CHECK_KINDS = Object.keys(kinds) as WrittenKind[]

export const check = z.strictObject(kinds)

export const checks = z
  .array(check)
  .describe('what the lab promises, for `nslab test` and `nslab check`: list of checks; see docs/checks.md')

export const within = checkedText((text) => {
  const ms = parseMoment(text)
  if (typeof ms === 'string') return `${text} is not a time such as 10s, 500ms or 1m30s`
  return ms <= HOUR_MS ? null : `${text} is too long: checks are tried again for 1h at most`
}, /^\+?(?:[0-9]+(?:\.[0-9]+)?(?:ms|us|ns|[wdhms]))+$/).describe(
  'how long a check that fails is tried again; `0s` by default, which is once',
)

export type WrittenCheck = z.infer<typeof check>
