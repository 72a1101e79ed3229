// From a checked topology to the resolved one: every name, index, MAC, address and route filled in. Pure and
// deterministic: the same file gives the same result, byte for byte.

import type {
  Endpoint,
  ResolvedInterface,
  ResolvedLink,
  ResolvedNeighbour,
  ResolvedNode,
  ResolvedRule,
  ResolvedTopology,
} from '../model/resolved.js'
import { type AddressPlan, assignAddresses } from './addresses/assign.js'
import { countNeighbours, staticNeighbours } from './addresses/neighbours.js'
import { addDevices } from './interfaces/devices.js'
import { wireguardWarnings } from './interfaces/wireguard-warnings.js'
import { type NodeContents, resolveContents } from './node/contents.js'
import { hostsText } from './node/hosts.js'
import { hostNames, isolationWarnings } from './node/isolated-names.js'
import { resolveIsolation } from './node/isolation.js'
import { refuseMachineSysctls } from './node/machine-sysctls.js'
import { networkGuests } from './node/shared-network.js'
import { sysctlsOf } from './node/sysctls.js'
import { computeRoutes } from './routes/computed.js'
import { NextHopFinder } from './routes/next-hops.js'
import { writtenNeighbours, writtenRules } from './routes/policy.js'
import { type WrittenPaths, writtenPaths } from './routes/written.js'
import { Faults, type Path } from './source/fault.js'
import type { Topology } from './source/parse.js'
import { formatAddress, type Prefix } from './values/prefix.js'
import { nameFault } from './values/values.js'
import { bridgeMtu, linkMtu, mtuOf, refuseSettings, writtenMacs } from './wiring/end-settings.js'
import { Macs } from './wiring/mac.js'
import { findSegments, type Segment, type SegmentMember } from './wiring/segments.js'
import { readStacks, type Stacks } from './wiring/stack.js'
import { BRIDGE_NAME, type WiredEnd, type WiredLink, wireLinks } from './wiring/wiring.js'

const LOOPBACK_MTU = 65_536
const LOOPBACK_INDEX = 1
const BRIDGE_INDEX = 16
/** Ends of links count on from here, two a link, so that the two ends of one never have the same index. */
const FIRST_LINK_INDEX = 32

/**
 * Fills in everything a topology leaves out; what is written is never changed.
 *
 * @throws LabError TOPOLOGY_INVALID with every fault and its place.
 */
export function resolveTopology(topology: Topology): ResolvedTopology {
  const faults = new Faults(topology.locate, topology.file)
  const links = wireLinks(topology, faults)
  const stacks = readStacks(topology, links, faults)
  const segments = findSegments(topology, links, stacks, faults)
  const isolations = resolveIsolation(topology, faults)
  const guests = networkGuests(topology, links, isolations, faults)
  refuseMachineSysctls(topology, isolations, faults)
  // Beyond this point, a link that is not there would be blamed on others.
  faults.throwIfAny()
  const plan = assignAddresses(topology, segments, stacks, faults)
  refuseSettings(topology, links, segments, faults)
  refuseBadNames(topology, links, faults)
  const macs = new Map<string, string>()
  const interfaces = buildInterfaces(topology, links, stacks, plan, macs, faults)
  const written = new Map(
    [...topology.nodes.keys()].map((node) => {
      return [node, readPaths(topology, node, interfaces.get(node) ?? [], plan, stacks, faults)]
    }),
  )
  faults.throwIfAny()

  const mainTable = (node: string) =>
    written.get(node)?.routes.flatMap(({ table, destination }) => (table === undefined ? [destination] : [])) ?? []
  const computed =
    topology.routing === 'auto'
      ? computeRoutes(topology, withoutDown(segments, interfaces), plan, mainTable)
      : new Map()
  const isStatic = topology.neighbours === 'static'
  const neighbours = isStatic ? staticNeighbours(segments, plan, (end) => macs.get(end) as string) : new Map()
  const nodes = [...topology.nodes].map(([name, node]): ResolvedNode => {
    const { routes: own = [], nexthops = [], rules = [], neighbours: permanent = [] } = written.get(name) ?? {}
    const taken = new Set(own.flatMap(({ table, destination }) => (table === undefined ? [destination] : [])))
    const isWritten = (entry: ResolvedNeighbour) =>
      permanent.some((each) => each.interface === entry.interface && each.address === entry.address)
    const isolation = isolations.get(name)
    const network = guests.get(name)
    return {
      name,
      kind: node.kind,
      ...hostNames(topology, isolations, name, node),
      labels: node.labels,
      interfaces: interfaces.get(name) ?? [],
      routes: [
        ...own,
        ...(computed.get(name) ?? []).filter((route: { destination: string }) => !taken.has(route.destination)),
      ],
      ...(nexthops.length === 0 ? {} : { nexthops }),
      ...(rules.length === 0 ? {} : { rules }),
      neighbours: [...permanent, ...(neighbours.get(name) ?? []).filter((each: ResolvedNeighbour) => !isWritten(each))],
      sysctls: network === undefined ? sysctlsOf(node.kind, topology.families, node.sysctls) : node.sysctls,
      ...(isolation === undefined ? {} : { isolation }),
      ...(network === undefined ? {} : { network }),
    }
  })
  const contents = resolveContents(topology, nodes, isolations, faults)
  faults.throwIfAny()
  return {
    name: topology.name,
    nodes: nodes.map((node) => withContents(node, contents.get(node.name))),
    links: links.map((link) => resolvedLink(topology, link)),
    hosts: hostsText(nodes),
    neighbourEntries: isStatic ? { ipv4: 0, ipv6: 0 } : countNeighbours(segments, plan),
    warnings: [
      ...[...isolations].flatMap(([name, isolation]) => isolationWarnings(name, isolation)),
      ...wireguardWarnings(nodes),
    ],
  }
}

/** Nothing is sent by an interface that stays down. */
function withoutDown(
  segments: readonly Segment[],
  interfaces: ReadonlyMap<string, readonly ResolvedInterface[]>,
): readonly Segment[] {
  const down = new Set(
    [...interfaces].flatMap(([node, all]) => all.flatMap(({ name, up }) => (up === false ? [`${node}:${name}`] : []))),
  )
  if (down.size === 0) return segments
  const isUp = ({ node, interface: name }: SegmentMember) => !down.has(`${node}:${name}`)
  return segments.map((segment) => ({ ...segment, members: segment.members.filter(isUp) }))
}

const withContents = (node: ResolvedNode, contents: NodeContents | undefined): ResolvedNode =>
  contents === undefined ? node : { ...node, contents }

/** What the user wrote of a node's routes, rules and neighbours. */
function readPaths(
  topology: Topology,
  node: string,
  interfaces: readonly ResolvedInterface[],
  plan: AddressPlan,
  stacks: Stacks,
  faults: Faults,
): WrittenPaths & { rules: ResolvedRule[]; neighbours: ResolvedNeighbour[] } {
  const names = interfaces.map(({ name }) => name)
  const down = interfaces.flatMap(({ name, up }) => (up === false ? [name] : []))
  const finder = new NextHopFinder(node, names, down, plan, faults)
  const { rules = [], neighbours = [] } = topology.nodes.get(node) ?? {}
  return {
    ...writtenPaths(topology, node, finder, plan, stacks, faults),
    rules: writtenRules(rules, ['nodes', node, 'rules'], topology.families, finder, faults),
    neighbours: writtenNeighbours(neighbours, ['nodes', node, 'neighbours'], finder, faults),
  }
}

function buildInterfaces(
  topology: Topology,
  links: readonly WiredLink[],
  stacks: Stacks,
  plan: AddressPlan,
  macs: Map<string, string>,
  faults: Faults,
): Map<string, ResolvedInterface[]> {
  const written = writtenMacs(topology, links)
  const source = new Macs(written.values())
  const addressesOf = (node: string, name: string) => addressTexts(plan.of(node, name))
  const macOf = (node: string, name: string) => {
    const mac = written.get(`${node}:${name}`) ?? source.of(`${node}:${name}`)
    macs.set(`${node}:${name}`, mac)
    return mac
  }
  const interfaces = new Map(
    [...topology.nodes].map(([node, { kind }]) => {
      const own = [loopback(addressTexts(plan.of(node, 'lo')))]
      if (kind === 'switch') {
        const bridgeOf = bridge(macOf(node, BRIDGE_NAME), bridgeMtu(topology, links, node))
        own.push({ ...bridgeOf, addresses: addressesOf(node, BRIDGE_NAME) })
      }
      return [node, own]
    }),
  )
  links.forEach((link, position) => {
    link.ends.forEach((end, side) => {
      interfaces.get(end.node)?.push({
        name: end.interface,
        kind: 'veth',
        index: FIRST_LINK_INDEX + 2 * position + side,
        mac: macOf(end.node, end.interface),
        mtu: mtuOf(topology, link, end),
        master: topology.nodes.get(end.node)?.kind === 'switch' ? BRIDGE_NAME : null,
        peer: endpointOf(link.ends[1 - side] as WiredEnd),
        addresses: addressTexts(plan.of(end.node, end.interface)),
      })
    })
  })
  addDevices(interfaces, { topology, links, stacks, plan, macOf, addressesOf }, faults)
  return interfaces
}

const loopback = (addresses: string[]): ResolvedInterface => ({
  name: 'lo',
  kind: 'loopback',
  index: LOOPBACK_INDEX,
  mac: null,
  mtu: LOOPBACK_MTU,
  master: null,
  peer: null,
  addresses,
})

const bridge = (mac: string, mtu: number): ResolvedInterface => ({
  name: BRIDGE_NAME,
  kind: 'bridge',
  index: BRIDGE_INDEX,
  mac,
  mtu,
  master: null,
  peer: null,
  addresses: [],
})

const addressTexts = (prefixes: readonly Prefix[]): string[] =>
  prefixes
    .toSorted((a, b) => a.family - b.family)
    .map(({ family, address, length }) => `${formatAddress(family, address)}/${length}`)

const resolvedLink = (topology: Topology, link: WiredLink): ResolvedLink => {
  const [a, b] = link.ends
  return {
    name: topology.links[link.index]?.name ?? null,
    endpoints: [endpointOf(a), endpointOf(b)],
    mtu: linkMtu(topology, link),
  }
}

const endpointOf = (end: WiredEnd): Endpoint => ({ node: end.node, interface: end.interface })

const LOCAL_NAMES = ['localhost', 'ip6-localhost', 'ip6-loopback', 'ip6-allnodes', 'ip6-allrouters']

/** In /etc/hosts, NODE and NODE-INTERFACE are one space of names, and upper and lower case are one. */
function refuseBadNames(topology: Topology, links: readonly WiredLink[], faults: Faults): void {
  const fault = nameFault(topology.name)
  if (fault !== null) faults.add(['name'], `${topology.name}: ${fault}`)
  const owners = new Map(LOCAL_NAMES.map((name) => [name, "every node's own loopback"]))
  const claim = (name: string, owner: string, path: Path, part: 'key' | 'value') => {
    const other = owners.get(name.toLowerCase())
    if (other === undefined) owners.set(name.toLowerCase(), owner)
    else if (other !== owner) faults.add(path, `the host name ${name} would stand for ${other} and for ${owner}`, part)
  }
  for (const end of links.flatMap(({ ends }) => ends)) {
    if (topology.nodes.get(end.node)?.kind === 'switch') continue
    claim(`${end.node}-${end.interface}`, `the interface ${end.node}:${end.interface}`, end.path, 'value')
  }
  for (const [node, { interfaces = {} }] of topology.nodes) {
    for (const name of Object.keys(interfaces)) {
      claim(`${node}-${name}`, `the interface ${node}:${name}`, ['nodes', node, 'interfaces', name], 'key')
    }
  }
  for (const name of topology.nodes.keys()) claim(name, `the node ${name}`, ['nodes', name], 'key')
  for (const [node, { hosts }] of topology.nodes) {
    for (const name of Object.keys(hosts)) {
      const owner = owners.get(name.toLowerCase())
      if (owner !== undefined) faults.add(['nodes', node, 'hosts', name], `${name} stands for ${owner} already`, 'key')
    }
  }
}
