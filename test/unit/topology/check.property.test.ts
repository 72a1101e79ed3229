// Faults of shape and of meaning in one file: each is told as if it were alone, and nothing that only follows from another one.
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { LabError } from '../../../src/errors.js'
import { checkTopology } from '../../../src/topology/check.js'
import { runs } from '../../support/effort.js'

type Values = Record<string, unknown>

interface Lab extends Values {
  nodes: Record<string, Values | null>
  links?: unknown[]
}

/** Changes a node, or a link in its long form. */
type Change = (part: Values) => Values

const put =
  (key: string, value: unknown): Change =>
  (part) => ({ ...part, [key]: value })
const putInto =
  (key: string, name: string, value: unknown): Change =>
  (part) => ({ ...part, [key]: { ...(part[key] as Values | undefined), [name]: value } })
const append =
  (key: string, value: unknown): Change =>
  (part) => ({ ...part, [key]: [...((part[key] as unknown[] | undefined) ?? []), value] })

/** Faults in the shape of a node. */
const NODE_SHAPE: Record<string, Change> = {
  'an unknown key': put('wonder', 1),
  'a kind': put('kind', 'swich'),
  'an MTU': put('mtu', 'big'),
  'an address': putInto('addresses', 'eth0', ['here']),
  'a sysctl': putInto('sysctls', 'nonsense', 1),
  'an interface': putInto('interfaces', 'wonder0', { kind: 'dumy' }),
  'a key of an interface': putInto('interfaces', 'wonder0', { kind: 'dummy', adresses: [] }),
  loopback: put('loopback', 3),
  anycast: put('anycast', [3]),
  families: put('families', [5]),
  'a file': putInto('files', '/wonder', { content: 'x', mode: 'rw' }),
  'a variable': putInto('env', '1X', 'x'),
  'a route': append('routes', { to: 'default', vai: 'x' }),
  'a mount': append('mounts', { target: 'etc' }),
  'a namespace': putInto('namespaces', 'net', 'mine'),
  'a next hop': putInto('nexthops', 'one', {}),
  'a whole node': () => 3 as unknown as Values,
}

/** Faults in the meaning of a node that depend on nothing else. */
const NODE_MEANING: Record<string, Change> = {
  'no source': append('mounts', { target: '/wonder', source: 'gone' }),
  'a size of a source': append('mounts', { target: '/wonder', source: 'there', size: '1m' }),
  'a file of nothing': putInto('files', '/wonder2', { mode: '0600' }),
  'an owner': putInto('files', '/wonder3', { content: '', owner: 'nobody-knows' }),
  'a host name': putInto('hosts', 'wonder', 'nosuchnode'),
  'a rule': append('rules', { priority: 7 }),
  'a network of the host': putInto('namespaces', 'net', 'host'),
  'users without root': put('users', { map: [{ inside: 5, outside: 5, count: 1 }] }),
  'a file below a file': (node) => putInto('files', '/w/a', 'x')(putInto('files', '/w', 'x')(node)),
}

/** Faults in the meaning of a node that depend on its interfaces and addresses. */
const NODE_NETWORK: Record<string, Change> = {
  'addresses of no interface': putInto('addresses', 'wonder9', ['192.0.2.1/24']),
  'a sysctl of no interface': putInto('sysctls', 'net.ipv4.conf.wonder9.forwarding', 1),
  'a MAC address of no interface': putInto('mac', 'wonder9', '02:00:00:00:00:01'),
  'a gateway that is nowhere': append('routes', { to: '198.51.100.0/24', via: '203.0.113.77' }),
  'a gateway that is no node': append('routes', { to: '198.51.100.0/24', via: 'nosuchnode' }),
  'a route by no interface': append('routes', { to: '198.51.100.0/24', dev: 'wonder9' }),
  'a next hop that is not there': append('routes', { to: '198.51.100.0/24', nhid: 77 }),
  'a parent that is not there': putInto('interfaces', 'wonder1', { kind: 'vlan', parent: 'wonder9', id: 9 }),
  'a loop of interfaces': (node) =>
    putInto('interfaces', 'wonder1', { kind: 'macvlan', parent: 'wonder2' })(
      putInto('interfaces', 'wonder2', { kind: 'macvlan', parent: 'wonder1' })(node),
    ),
  'a neighbour on no link': append('neighbours', { address: '203.0.113.78', mac: '02:00:00:00:00:02' }),
}

const LINK_SHAPE: Record<string, Change> = {
  'an unknown key': put('wonder', 1),
  'an MTU': put('mtu', 'big'),
  'a subnet': put('subnets', ['here']),
  unnumbered: put('unnumbered', 'perhaps'),
  private: put('private', 'perhaps'),
  'no endpoints': put('endpoints', []),
  'an endpoint': (link) => ({ ...link, endpoints: [[], ...(link.endpoints as unknown[]).slice(1)] }),
  'a whole link': () => 3 as unknown as Values,
}
const LINK_MEANING: Record<string, Change> = {
  'no such node': (link) => ({ ...link, endpoints: ['nosuchnode', ...(link.endpoints as unknown[]).slice(1)] }),
}

const SHAPE = [...Object.values(NODE_SHAPE), ...Object.values(LINK_SHAPE)]

const SHIPPED = new URL('../../../topologies/', import.meta.url)
const ofLanguage = readdirSync(SHIPPED)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => parse(readFileSync(new URL(file, SHIPPED), 'utf8')) as Lab)

/** Routers and hosts by turns; node 4 is a switch with three hosts. */
const generated: Lab = {
  nodes: Object.fromEntries(
    Array.from({ length: 16 }, (_, at) => [`n${at}`, at < 4 ? { kind: 'router' } : at === 4 ? { kind: 'switch' } : {}]),
  ),
  links: [[0, 1], [1, 2], [2, 3], [3, 0], [0, 4], [4, 5], [4, 6], [4, 7], ...pairs()].map(([a, b]) => [
    `n${a}`,
    `n${b}`,
  ]),
}

function pairs(): number[][] {
  return Array.from({ length: 8 }, (_, at) => [at % 4, at + 8])
}

/** `PATH: MESSAGE` of each fault. */
function faultsOf(lab: Lab): string[] {
  const findSource = (path: string) => {
    if (path === 'gone') throw new Error('there is no file gone')
    return path
  }
  const findOwnerFault = (owner: string) => (owner === 'nobody-knows' ? 'user nobody-knows' : null)
  try {
    checkTopology(JSON.stringify(lab), {}, { findSource, findOwnerFault })
  } catch (error) {
    if (!(error instanceof LabError && error.issues)) throw error
    return error.issues.map(({ path, message }) => `${path}: ${message}`)
  }
  return []
}

/** The faults of a lab with one fault, each found out once. */
function aloneIn(lab: Lab): (fault: Fault) => string[] {
  const known = new Map<Change, Map<string | number, string[]>>()
  return (fault) => {
    const ofChange = known.get(fault.change) ?? new Map<string | number, string[]>()
    known.set(fault.change, ofChange)
    const found = ofChange.get(fault.at) ?? faultsOf(withFault(lab, fault))
    ofChange.set(fault.at, found)
    return found
  }
}

interface Fault {
  kind: string
  /** A node by name, or a link by number. */
  at: string | number
  change: Change
}

function withFault(lab: Lab, { at, change }: Fault): Lab {
  if (typeof at === 'string') return { ...lab, nodes: { ...lab.nodes, [at]: change(lab.nodes[at] ?? {}) } }
  const links = (lab.links ?? []).map((link, index) => {
    if (index !== at) return link
    return change(Array.isArray(link) ? { endpoints: link } : (link as Values))
  })
  return { ...lab, links }
}

function faultsIn(lab: Lab, ofNodes: readonly Record<string, Change>[], ofLinks: readonly Record<string, Change>[]) {
  const all = (places: readonly (string | number)[], changes: readonly Record<string, Change>[]): Fault[] =>
    places.flatMap((at) =>
      changes.flatMap((each) => Object.entries(each).map(([kind, change]) => ({ kind, at, change }))),
    )
  return [...all(Object.keys(lab.nodes), ofNodes), ...all([...(lab.links ?? []).keys()], ofLinks)]
}

const oncePerPlace = (faults: readonly Fault[]) =>
  fc.uniqueArray(fc.constantFrom(...faults), { minLength: 2, maxLength: 6, selector: ({ at }) => at })

const labs = [...ofLanguage, generated]

test.each(labs.map((lab) => [lab] as const))('nothing follows from any one fault in shape (lab %#)', (lab) => {
  expect(faultsOf(lab)).toEqual([])
  fc.assert(
    fc.property(fc.constantFrom(...faultsIn(lab, [NODE_SHAPE], [LINK_SHAPE])), (fault) => {
      expect(faultsOf(withFault(lab, fault))).toHaveLength(1)
    }),
    runs(40),
  )
})

test.each(labs.map((lab) => [lab] as const))('faults that depend on nothing else are all told (lab %#)', (lab) => {
  const alone = aloneIn(lab)
  const faults = faultsIn(lab, [NODE_SHAPE, NODE_MEANING], [LINK_SHAPE, LINK_MEANING])
  fc.assert(
    fc.property(oncePerPlace(faults), (chosen) => {
      const each = chosen.flatMap(alone)
      expect(faultsOf(chosen.reduce(withFault, lab)).toSorted()).toEqual([...new Set(each)].toSorted())
    }),
    runs(12),
  )
})

test.each(labs.map((lab) => [lab] as const))('no fault is told that none of the faults alone has (lab %#)', (lab) => {
  const alone = aloneIn(lab)
  const faults = faultsIn(lab, [NODE_SHAPE, NODE_MEANING, NODE_NETWORK], [LINK_SHAPE, LINK_MEANING])
  fc.assert(
    fc.property(oncePerPlace(faults), (chosen) => {
      const each = new Set(chosen.flatMap(alone))
      const together = faultsOf(chosen.reduce(withFault, lab))
      expect(together.filter((message) => !each.has(message))).toEqual([])
      const ofShape = chosen.filter(({ change }) => SHAPE.includes(change))
      expect(together).toEqual(expect.arrayContaining(ofShape.flatMap(alone)))
    }),
    runs(12),
  )
})

test('faults of the network are told where nothing beside them is faulty', () => {
  // n8 to n15 are each alone on a link to one of the routers n0 to n3. Which interfaces a router has depends on all its links.
  const ends = Array.from({ length: 8 }, (_, at) => `n${at + 8}`)
  const alone = aloneIn(generated)
  const faults = faultsIn(generated, [NODE_SHAPE, NODE_NETWORK, NODE_MEANING], []).filter(
    ({ at, kind }) => ends.includes(String(at)) && kind !== 'a whole node',
  )
  fc.assert(
    fc.property(oncePerPlace(faults), (chosen) => {
      const each = chosen.flatMap(alone)
      expect(faultsOf(chosen.reduce(withFault, generated)).toSorted()).toEqual([...new Set(each)].toSorted())
    }),
    runs(60),
  )
})
