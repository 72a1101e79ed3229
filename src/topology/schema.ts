// The one schema of a topology file: shapes and texts of single values. What needs more than one value to judge is
// checked where it is resolved.
import { z } from 'zod'
import { parsePrefix } from './prefix.js'

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/
/** A kernel's limit for interface names, less the NUL (IFNAMSIZ, linux/if.h). */
const INTERFACE_BYTES = 15
const MTU_MIN = 68
const MTU_MAX = 65_535

/** Names of labs and nodes; they are host names too, hence 63 characters (RFC 1123). */
export const name = z
  .string()
  .max(63, 'a name has at most 63 characters')
  .regex(NAME, 'a name consists of letters, digits and inner hyphens')

/** What is wrong with an interface name; null for nothing. */
export function interfaceNameFault(text: string): string | null {
  const bytes = new TextEncoder().encode(text).length
  if (bytes === 0) return 'an interface name must not be empty'
  if (bytes > INTERFACE_BYTES) return `an interface name has at most ${INTERFACE_BYTES} bytes; ${text} has ${bytes}`
  if (text === '.' || text === '..') return `${text} is not an interface name`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[/:\s\u0000-\u001f\u007f]/.test(text))
    return `an interface name has no "/", ":" or white space: ${JSON.stringify(text)}`
  return null
}

const interfaceName = z.string().superRefine((text, context) => {
  const fault = interfaceNameFault(text)
  if (fault !== null) context.addIssue({ code: 'custom', message: fault })
})

/** `ADDRESS/LENGTH`. */
const interfaceAddress = z.string().superRefine((text, context) => {
  const prefix = parsePrefix(text)
  if (prefix === null) context.addIssue({ code: 'custom', message: `${text} is not an ADDRESS/LENGTH` })
})

/** `PREFIX/LENGTH` without host bits. */
const network = z.string().superRefine((text, context) => {
  const prefix = parsePrefix(text)
  if (prefix === null) context.addIssue({ code: 'custom', message: `${text} is not a PREFIX/LENGTH` })
  else if (prefix.address !== prefix.network) {
    context.addIssue({ code: 'custom', message: `${text} has host bits set; the network is ${prefix.networkText}` })
  }
})

const address = z.string().refine((text) => parsePrefix(text) !== null && !text.includes('/'), 'not an address')
const mtu = z.int().min(MTU_MIN).max(MTU_MAX)
const scalar = z.union([z.string(), z.number(), z.boolean().transform(Number)]).transform(String)
const sysctlKey = z
  .string()
  .regex(/^[a-z0-9_]+(?:[./][A-Za-z0-9_@:/-]+)+$/, 'not a sysctl key such as net.ipv4.ip_forward')

const route = z.strictObject({
  to: z.union([z.literal('default'), network]).describe('destination, or `default`'),
  via: address.optional().describe('gateway'),
  dev: interfaceName.optional().describe('interface; found from the gateway when left out'),
})

const emptyNode = (value: unknown) => value ?? {}

export const node = z.preprocess(
  emptyNode,
  z.strictObject({
    kind: z.enum(['host', 'router', 'switch']).default('host'),
    hostname: name.optional().describe('the name of the node in itself; its name in the topology by default'),
    domainname: z.string().min(1).max(64).optional().describe('NIS domain name'),
    addresses: z.record(interfaceName, z.array(interfaceAddress)).default({}),
    sysctls: z.record(sysctlKey, scalar).default({}),
    routes: z.array(route).default([]),
  }),
)

const endpoint = z.string().min(1)
const pairToObject = (value: unknown) => (Array.isArray(value) ? { endpoints: value } : value)

export const link = z.preprocess(
  pairToObject,
  z.strictObject({
    endpoints: z.tuple([endpoint, endpoint], 'a link has two endpoints, each NODE or NODE:INTERFACE'),
    subnets: z.array(network).default([]),
    mtu: mtu.optional(),
  }),
)

export const topology = z.strictObject({
  name: name.optional(),
  routing: z.enum(['auto', 'none']).default('auto'),
  neighbours: z.enum(['dynamic', 'static']).default('dynamic'),
  families: z
    .array(z.union([z.literal(4), z.literal(6)]))
    .min(1)
    .default([4, 6]),
  nodes: z.record(name, node),
  links: z.array(link).default([]),
})

/** Keys that are known at a place of the file, for suggestions. */
export function knownKeys(path: readonly PropertyKey[]): string[] {
  if (path.length === 0) return Object.keys(topology.shape)
  if (path.length === 2 && path[0] === 'nodes') return Object.keys(node.out.shape)
  if (path.length === 2 && path[0] === 'links') return Object.keys(link.out.shape)
  return Object.keys(route.shape)
}

export type TopologyFile = z.infer<typeof topology>
export type TopologyNode = TopologyFile['nodes'][string]
export type TopologyLink = TopologyFile['links'][number]
