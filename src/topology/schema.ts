// The one schema of a topology file: shapes and texts of single values. What needs more than one value to judge is
// checked where it is resolved.
import { z } from 'zod'
import { idRange, namespaces, time, users } from './isolation-schema.js'
import { parsePrefix, specialUse } from './prefix.js'

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/
/** A kernel's limit for interface names, less the NUL (IFNAMSIZ, linux/if.h). */
const INTERFACE_BYTES = 15
const MTU_MIN = 68
const MTU_MAX = 65_535

/** What is wrong with a name of a lab or a node; null for nothing. They are host names too (RFC 1123). */
export function nameFault(text: string): string | null {
  if (text.length > 63) return 'a name has at most 63 characters'
  return NAME.test(text) ? null : 'a name consists of letters, digits and inner hyphens'
}

const name = z.string().superRefine((text, context) => {
  const fault = nameFault(text)
  if (fault !== null) context.addIssue({ code: 'custom', message: fault })
})

/** What is wrong with an interface name; null for nothing. */
export function interfaceNameFault(text: string): string | null {
  const bytes = new TextEncoder().encode(text).length
  if (bytes === 0) return 'an interface name must not be empty'
  if (bytes > INTERFACE_BYTES) return `an interface name has at most ${INTERFACE_BYTES} bytes; ${text} has ${bytes}`
  // The kernel's own special names, and sysctl's; a percent sign makes the kernel number the interface itself.
  if (['.', '..', 'all', 'default'].includes(text)) return `no interface can be called ${text}`
  if (/[/:%\s\p{C}]/u.test(text))
    return `an interface name has no "/", ":", "%" or white space: ${JSON.stringify(text)}`
  return null
}

const interfaceName = z.string().superRefine((text, context) => {
  const fault = interfaceNameFault(text)
  if (fault !== null) context.addIssue({ code: 'custom', message: fault })
})

/** What is wrong with an address for an interface; null for nothing. */
function addressFault(text: string): string | null {
  const prefix = text.includes('/') ? parsePrefix(text) : null
  if (prefix === null) return `${text} is not ADDRESS/LENGTH, such as 192.0.2.1/24 or 2001:db8::1/64`
  const use = specialUse(prefix.family, prefix.address)
  return use === null ? null : `${text} is ${use}; no interface can have it`
}

/** `ADDRESS/LENGTH`. */
const interfaceAddress = z.string().superRefine((text, context) => {
  const fault = addressFault(text)
  if (fault !== null) context.addIssue({ code: 'custom', message: fault })
})

/** What is wrong with a destination; null for nothing. */
function networkFault(text: string): string | null {
  const prefix = text.includes('/') ? parsePrefix(text) : null
  if (prefix === null) return `${text} is not PREFIX/LENGTH, such as 192.0.2.0/24 or 2001:db8::/64`
  if (prefix.address === prefix.network) return null
  return `${text} has host bits set; the network is ${prefix.networkText}`
}

/** `PREFIX/LENGTH` without host bits. */
const network = z.string().superRefine((text, context) => {
  const fault = networkFault(text)
  if (fault !== null) context.addIssue({ code: 'custom', message: fault })
})

/** A network that interfaces can be in. */
const subnet = z.string().superRefine((text, context) => {
  const fault = networkFault(text) ?? addressFault(text)
  if (fault !== null) context.addIssue({ code: 'custom', message: fault })
})

const address = z.string().superRefine((text, context) => {
  if (parsePrefix(text) === null || text.includes('/'))
    context.addIssue({ code: 'custom', message: `${text} is not an IP address` })
})
const mtu = z
  .int()
  .min(MTU_MIN, `an mtu is at least ${MTU_MIN} bytes`)
  .max(MTU_MAX, `an mtu is at most ${MTU_MAX} bytes`)
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
    addresses: z
      .record(interfaceName, z.array(interfaceAddress))
      .default({})
      .describe('interface to its addresses; a family written here is not computed'),
    loopback: z
      .union([z.literal(false), z.array(interfaceAddress)])
      .optional()
      .describe('addresses of lo, or false for none; a router has one of each family by default'),
    sysctls: z.record(sysctlKey, scalar).default({}),
    routes: z.array(route).default([]),
    namespaces: namespaces.optional(),
    users: users.optional(),
    time: time.optional(),
  }),
)

const TWO_ENDS = 'a link has two endpoints; nodes that share a network each have a link to a switch'
const endpoint = z.string().min(1, 'an endpoint is NODE or NODE:INTERFACE')
const pairToObject = (value: unknown) => (Array.isArray(value) ? { endpoints: value } : value)

export const link = z.preprocess(
  pairToObject,
  z.strictObject({
    endpoints: z
      .tuple([endpoint, endpoint], { error: ({ code }) => (code === 'invalid_type' ? undefined : TWO_ENDS) })
      .describe('the two ends'),
    subnets: z.array(subnet).default([]),
    mtu: mtu.optional(),
  }),
)

export const pool = z
  .strictObject({
    links: subnet.optional().describe('for links between two nodes'),
    lans: subnet.optional().describe('for switched networks'),
    loopbacks: subnet.optional().describe("for routers' loopbacks"),
  })
  .describe('networks that computed addresses come from')

export const topology = z.strictObject({
  name: name.optional(),
  routing: z.enum(['auto', 'none']).default('auto'),
  neighbours: z.enum(['dynamic', 'static']).default('dynamic'),
  families: z
    .array(z.union([z.literal(4), z.literal(6)]))
    .min(1, 'a lab has at least one family')
    .default([4, 6]),
  pools: z.strictObject({ ipv4: pool.optional(), ipv6: pool.optional() }).optional(),
  nodes: z.record(name, node).superRefine((nodes, context) => {
    if (Object.keys(nodes).length === 0) context.addIssue({ code: 'custom', message: 'a lab has at least one node' })
  }),
  links: z.preprocess((value) => value ?? [], z.array(link)).default([]),
})

/** Keys that are known at a place of the file, for suggestions. */
export function knownKeys(path: readonly PropertyKey[]): string[] {
  if (path.length === 0) return Object.keys(topology.shape)
  if (path.length === 2 && path[0] === 'nodes') return Object.keys(node.out.shape)
  if (path.length === 2 && path[0] === 'links') return Object.keys(link.out.shape)
  const part = path[0] === 'nodes' ? path[2] : undefined
  if (part === 'namespaces') return Object.keys(namespaces.shape)
  if (part === 'users') return Object.keys(path.length === 3 ? users.shape : idRange.shape)
  if (part === 'time') return Object.keys(time.shape)
  if (path[0] === 'pools') return path.length === 1 ? ['ipv4', 'ipv6'] : Object.keys(pool.shape)
  return Object.keys(route.shape)
}

export type TopologyFile = z.infer<typeof topology>
export type TopologyNode = TopologyFile['nodes'][string]
export type TopologyLink = TopologyFile['links'][number]
