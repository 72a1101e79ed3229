// The schema of a topology file. It checks keys and single values; faults that depend on several values are found when a topology
// is resolved.
import { z } from 'zod'
import {
  hostAddress,
  interfaceAddress,
  interfaceName,
  mac,
  mtu,
  name,
  nodeName,
  pool4,
  pool6,
  subnet,
} from '../values/values.js'
import { checks, within } from './checks.js'
import { dns, env, exec, files, home, hosts, mounts } from './contents.js'
import { copies, defaultsOf, include, kindsOf, repeat, variables } from './expansion.js'
import { emulation, impairments, pairs } from './impairments.js'
import { interfaces } from './interfaces/interfaces.js'
import { namespaces, time, users } from './isolation.js'
import { neighbour, nexthops, route, rule } from './routes.js'
import { scenario } from './scenario.js'

export const NODE_KINDS = ['host', 'router', 'switch'] as const

/** The kernel knows 1 and 0 where people write true and false. */
const sysctlValue = z.string().transform((text) => ({ true: '1', false: '0' })[text.toLowerCase()] ?? text)
/** With either separator, as in sysctl(8). An empty part could become `..`, which leads out of /proc/sys. */
const sysctlKey = z
  .string()
  .max(255)
  .regex(/^[a-z0-9_]+(?:[./][A-Za-z0-9_@:-]+)+$/, 'not a sysctl key such as net.ipv4.ip_forward')

/** The limits of setdomainname(2). */
const domainname = z
  .string()
  .regex(/^[!-~]{1,64}$/, 'a domain name is 1 to 64 printable ASCII characters without blanks')

const labelKey = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$/, 'a label is called like site or example.org/site')

/** What people call a node, which may have blanks and accents. */
const title = z
  .string()
  .min(1, 'a title is not empty')
  .max(200, 'a title has at most 200 characters')
  .regex(/^\P{C}*$/u, 'a title is one line without control characters')
  .meta({ pattern: '^[^\\x00-\\x1f\\x7f-\\x9f]+$' })

/** What is not a finite number is off the sheet, as a negative one is: the layout places the node then. */
const coordinate = z.preprocess(
  (value) => (typeof value === 'number' && !Number.isFinite(value) ? -1 : value),
  z.number(),
)

const families = (of: string) => z.array(z.union([z.literal(4), z.literal(6)])).min(1, `${of} has at least one family`)

const emptyNode = (value: unknown) => value ?? {}

/**
 * A node of an expanded topology. Metadata tell the JSON Schema of other forms that can be written. `orNothing`: an empty value.
 * `orListOf`: the list under one of the keys. `mayLack`: the key that can be left out, since other keys imply it. `isOpen`: any
 * name. `hasEnds`: keys that are called like an endpoint. `hasUnit`: no number.
 */
export const node = z
  .preprocess(
    emptyNode,
    z.strictObject({
      kind: z
        .enum(NODE_KINDS)
        .default('host')
        .describe('`host`; `router`, which forwards; `switch`, which is a bridge; or one of your own from `kinds`')
        .meta({ isOpen: true }),
      title: title
        .optional()
        .describe('what people call it, such as `São Paulo`, for tables; its name is for commands'),
      labels: z
        .record(labelKey, z.string())
        .default({})
        .describe('words of your own about the node for scripts and filters, name → text'),
      position: z
        .tuple([coordinate, coordinate])
        .optional()
        .describe(
          '[x, y]: the centre of its box in pictures, from the left and upper edge; by default, the layout chooses it',
        ),
      hostname: name.optional().describe("the node's name for itself; its name in the topology by default"),
      domainname: domainname.optional().describe('NIS domain name; none by default'),
      addresses: z
        .record(interfaceName, z.array(interfaceAddress))
        .default({})
        .describe('interface (`lo` too) → list of `ADDRESS/LENGTH`; a family that is written here is not computed'),
      loopback: z
        .union([z.literal(false), z.array(interfaceAddress)])
        .optional()
        .describe('list of `ADDRESS/LENGTH` for `lo`, or `false` for none; one of each family on a router by default'),
      anycast: z
        .union([z.array(hostAddress), z.record(interfaceName, z.array(hostAddress))])
        .optional()
        .describe(
          'addresses that other nodes have too, for `lo`, or interface → list: `192.0.2.53/32`; beside its own',
        ),
      families: families('a node')
        .optional()
        .describe('list of `4` and `6`: the address families of the node; those of the lab by default'),
      mac: z.record(interfaceName, mac).default({}).describe('interface → MAC address; computed by default'),
      mtu: z
        .union([mtu, z.record(interfaceName, mtu)])
        .optional()
        .describe('MTU in bytes of the interfaces whose link has no `mtu`, or interface → MTU'),
      sysctls: z
        .record(sysctlKey, sysctlValue)
        .default({})
        .describe(
          'kernel parameter → value; that of an interface is set before it comes up, others before there are interfaces',
        ),
      interfaces: interfaces.optional(),
      routes: z
        .array(route)
        .default([])
        .describe('routes beside the computed ones, or in place of one; see docs/routes.md'),
      nexthops: nexthops.optional().describe('next hops that several routes share: number → next hop'),
      rules: z.array(rule).default([]).describe('policy rules, which choose the routing table'),
      neighbours: z.array(neighbour).default([]).describe('permanent entries of ARP and neighbour discovery'),
      env: env.default({}),
      hosts: hosts.default({}),
      dns: dns.optional(),
      files: files.default({}),
      mounts: mounts.default([]),
      home: home.optional(),
      exec: exec.default([]),
      namespaces: namespaces.optional(),
      users: users.optional(),
      time: time.optional(),
      repeat: repeat.optional(),
    }),
  )
  .meta({ orNothing: true })

const endpoint = z.union([
  z.string().min(1, 'an endpoint is NODE or NODE:INTERFACE'),
  z.strictObject({
    node: z.string().min(1, 'an endpoint has a node').describe('name of a node'),
    interface: interfaceName.optional().describe('name of the interface; eth0, eth1, … by default'),
    addresses: z.array(interfaceAddress).optional().describe('its addresses; a family written here is not computed'),
    mac: mac.optional().describe('its MAC address; computed by default'),
    mtu: mtu.optional().describe("its MTU in bytes; the link's by default"),
    ...impairments,
  }),
])
const pairToObject = (value: unknown) => (Array.isArray(value) ? { endpoints: value } : value)

export const link = z
  .preprocess(
    pairToObject,
    z.strictObject({
      endpoints: z
        .array(endpoint)
        .min(1, 'a link has at least one endpoint')
        .describe('two; more for a LAN; one for a stub, which leads nowhere'),
      name: name.optional().describe("the link's name; a LAN's switch is called like this"),
      subnets: z
        .array(subnet)
        .default([])
        .describe('list of `PREFIX/LENGTH`; from written addresses, else computed, by default'),
      unnumbered: z
        .boolean()
        .optional()
        .describe(
          'whether its ends have no addresses of their own, but those of their nodes’ `lo`; `false` by default',
        ),
      private: z
        .boolean()
        .optional()
        .describe(
          'whether other networks may have the same subnets, and no other node has routes to it; `false` by default',
        ),
      families: families('a link')
        .optional()
        .describe('list of `4` and `6`: the address families on the link; those of the lab by default'),
      mtu: mtu
        .optional()
        .describe(
          'MTU of its ends in bytes; 1500 by default, or what fits through the tunnels that stretch its network',
        ),
      cost: z
        .int()
        .min(1, 'a cost is 1 to 65535')
        .max(65_535, 'a cost is 1 to 65535')
        .default(1)
        .describe('cost of sending by it: `routing: auto` takes the cheapest paths'),
      ...impairments,
      pairs: pairs.optional(),
      emulation: emulation
        .optional()
        .describe(
          '`netem` or `wire` impairs its frames; `auto` takes netem where the kernel has it; that of the lab by default',
        ),
      count: copies.optional(),
      repeat: repeat.optional(),
    }),
  )
  .meta({ orListOf: 'endpoints', hasEnds: true })

/** The pools of one family, from which addresses are computed. */
const poolsOf = (network: z.ZodString) =>
  z.strictObject({
    links: network
      .optional()
      .describe('for links between two nodes, a /31 of 10.0.0.0/9 or a /127 of fd00::/64 each by default'),
    lans: network
      .optional()
      .describe('for switched networks, a /24 of 10.128.0.0/10 or a /64 of fd00:1::/32 each by default'),
    loopbacks: network.optional().describe("for routers' loopbacks, from 10.255.0.0/16 and fd00:ffff::/64 by default"),
  })

/** The keys of a file that are gone from an expanded topology. */
export const expansionKeys = z.strictObject({
  include: include.optional(),
  vars: variables.optional(),
  kinds: kindsOf(name, node.out).optional(),
  defaults: defaultsOf(node.out, link.out).optional(),
})

/** An expanded topology. */
export const expandedTopology = z.strictObject({
  name: name.optional().describe("the lab's name; the file's base name by default"),
  routing: z
    .enum(['auto', 'none'])
    .default('auto')
    .describe('`auto` computes routes along shortest paths, `none` leaves them to you'),
  compress: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .describe('whether computed routing tables are made small: `auto` does it to those of over 200 routes of a family'),
  neighbours: z
    .enum(['auto', 'dynamic', 'static'])
    .default('auto')
    .describe(
      '`static` gives permanent neighbour entries for every address on a link, `dynamic` leaves them to ARP and ND, `auto` does that unless they would overflow the neighbour table of the machine',
    ),
  emulation: emulation
    .default('auto')
    .describe('what impairs frames on links: `netem`, `wire`, or `auto`; see docs/links.md'),
  families: families('a lab').default([4, 6]).describe('list of `4` and `6`: the address families of the lab'),
  pools: z
    .strictObject({
      ipv4: poolsOf(pool4).optional().describe('pools of IPv4'),
      ipv6: poolsOf(pool6).optional().describe('pools of IPv6'),
    })
    .optional()
    .describe('where computed addresses come from; private networks by default'),
  nodes: z
    .record(nodeName, node)
    .superRefine((nodes, context) => {
      if (Object.keys(nodes).length === 0) context.addIssue({ code: 'custom', message: 'a lab has at least one node' })
    })
    .describe('name → node; at least one'),
  links: z
    .preprocess((value) => value ?? [], z.array(link))
    .default([])
    .describe('list of links, each a list of endpoints or a map')
    .meta({ orNothing: true }),
  scenario: scenario.optional(),
  checks: checks.optional(),
  within: within.optional(),
})

/** A whole file. */
export const topology = expandedTopology.extend(expansionKeys.shape)

export type TopologyFile = z.infer<typeof expandedTopology>
export type TopologyNode = TopologyFile['nodes'][string]
export type TopologyLink = TopologyFile['links'][number]
/** An end of a link that is written as a map. */
export type EndSettings = Exclude<TopologyLink['endpoints'][number], string>
