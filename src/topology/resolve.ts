// From a checked topology to the resolved one: every name, index, MAC, address and route filled in. Pure and
// deterministic: the same file gives the same result, byte for byte.
import { type AddressPlan, assignAddresses } from './addresses.js'
import { Faults } from './fault.js'
import { hostsText } from './hosts.js'
import { Macs } from './mac.js'
import { countNeighbours, staticNeighbours } from './neighbours.js'
import type { Topology } from './parse.js'
import { formatAddress, type Prefix } from './prefix.js'
import type { Endpoint, ResolvedInterface, ResolvedLink, ResolvedNode, ResolvedTopology } from './resolved.js'
import { computeRoutes } from './routes.js'
import { findSegments } from './segments.js'
import { writtenRoutes } from './static-routes.js'
import { sysctlsOf } from './sysctls.js'
import { type WiredLink, wireLinks } from './wiring.js'

const DEFAULT_MTU = 1500
const LOOPBACK_MTU = 65_536
/** RFC 8200 section 5. */
const IPV6_MIN_MTU = 1280
const LOOPBACK_INDEX = 1
const BRIDGE_INDEX = 16
/** Ends of links count on from here, two a link, so that the two ends of one never have the same index. */
const FIRST_LINK_INDEX = 32
const BRIDGE_NAME = 'br0'

/**
 * Fills in everything a topology leaves out; what is written is never changed.
 *
 * @throws LabError TOPOLOGY_INVALID with every fault and its place.
 */
export function resolveTopology(topology: Topology): ResolvedTopology {
  const faults = new Faults(topology.locate, topology.file)
  const links = wireLinks(topology, faults)
  const segments = findSegments(topology, links, faults)
  const plan = assignAddresses(topology, segments, faults)
  refuseSmallMtu(topology, faults)
  refuseAmbiguousNames(topology, links, faults)
  const macs = new Map<string, string>()
  const interfaces = buildInterfaces(topology, links, plan, macs)
  const written = new Map(
    Object.keys(topology.nodes).map((node) => {
      const names = interfaces.get(node)?.map((each) => each.name) ?? []
      return [node, writtenRoutes(topology, node, names, plan, faults)]
    }),
  )
  faults.throwIfAny()

  const computed = topology.routing === 'auto' ? computeRoutes(topology, segments, plan) : new Map()
  const isStatic = topology.neighbours === 'static'
  const neighbours = isStatic ? staticNeighbours(segments, plan, (end) => macs.get(end) as string) : new Map()
  const nodes = Object.entries(topology.nodes).map(([name, node]): ResolvedNode => {
    const own = written.get(name) ?? []
    const taken = new Set(own.map((route) => route.destination))
    return {
      name,
      kind: node.kind,
      hostname: node.hostname ?? name,
      domainname: node.domainname ?? null,
      interfaces: interfaces.get(name) ?? [],
      routes: [
        ...own,
        ...(computed.get(name) ?? []).filter((route: { destination: string }) => !taken.has(route.destination)),
      ],
      neighbours: neighbours.get(name) ?? [],
      sysctls: sysctlsOf(node.kind, node.sysctls),
    }
  })
  return {
    name: topology.name,
    nodes,
    links: links.map((link) => resolvedLink(topology, link)),
    hosts: hostsText(nodes),
    neighbourEntries: isStatic ? { ipv4: 0, ipv6: 0 } : countNeighbours(segments, plan),
    warnings: [],
  }
}

function buildInterfaces(
  topology: Topology,
  links: readonly WiredLink[],
  plan: AddressPlan,
  macs: Map<string, string>,
): Map<string, ResolvedInterface[]> {
  const source = new Macs()
  const macOf = (node: string, name: string) => {
    const mac = source.of(`${node}:${name}`)
    macs.set(`${node}:${name}`, mac)
    return mac
  }
  const interfaces = new Map(
    Object.entries(topology.nodes).map(([node, { kind }]) => {
      const own = [loopback(addressTexts(plan.of(node, 'lo')))]
      if (kind === 'switch') own.push(bridge(macOf(node, BRIDGE_NAME), bridgeMtu(topology, links, node)))
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
        mtu: mtuOf(topology, link),
        master: topology.nodes[end.node]?.kind === 'switch' ? BRIDGE_NAME : null,
        peer: link.ends[1 - side] as Endpoint,
        addresses: addressTexts(plan.of(end.node, end.interface)),
      })
    })
  })
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

const mtuOf = (topology: Topology, link: WiredLink): number => topology.links[link.index]?.mtu ?? DEFAULT_MTU

/** The kernel holds a bridge to its smallest port. */
const bridgeMtu = (topology: Topology, links: readonly WiredLink[], node: string): number => {
  const ports = links.filter((link) => link.ends.some((end) => end.node === node)).map((link) => mtuOf(topology, link))
  return ports.length === 0 ? DEFAULT_MTU : Math.min(...ports)
}

const addressTexts = (prefixes: readonly Prefix[]): string[] =>
  prefixes
    .toSorted((a, b) => a.family - b.family)
    .map(({ family, address, length }) => `${formatAddress(family, address)}/${length}`)

const resolvedLink = (topology: Topology, link: WiredLink): ResolvedLink => ({
  endpoints: link.ends,
  mtu: mtuOf(topology, link),
})

function refuseSmallMtu(topology: Topology, faults: Faults): void {
  if (!topology.families.includes(6)) return
  topology.links.forEach(({ mtu }, index) => {
    if (mtu === undefined || mtu >= IPV6_MIN_MTU) return
    faults.add(
      ['links', index, 'mtu'],
      `IPv6 needs an mtu of ${IPV6_MIN_MTU} or more; write \`families: [4]\` for less`,
    )
  })
}

/** NODE-INTERFACE is a host name too: no node may be called so. */
function refuseAmbiguousNames(topology: Topology, links: readonly WiredLink[], faults: Faults): void {
  const ends = new Set(links.flatMap((link) => link.ends.map((end) => `${end.node}-${end.interface}`)))
  for (const name of Object.keys(topology.nodes)) {
    if (ends.has(name)) faults.add(['nodes', name], `${name} is also the host name of another node's interface`, 'key')
  }
}
