// Resolves a checked topology: fills in every name, index, MAC address, IP address and route. Pure and deterministic: the same
// file gives the same result, byte for byte.
import type { NodeContents } from '../model/contents.js'
import type { LinkEmulation } from '../model/impairment.js'
import type { Checks } from '../model/reach/check.js'
import type { ResolvedInterface, ResolvedLink, ResolvedNode, ResolvedTopology } from '../model/resolved.js'
import type { NeighbourTables } from '../model/source/neighbour-tables.js'
import { assignAddresses } from './addresses/assign-addresses.js'
import { Families, nodeFamilies } from './addresses/families.js'
import {
  choosePermanent,
  DEFAULT_TABLES,
  permanentNotes,
  refuseTooManyPermanent,
} from './addresses/neighbour-tables.js'
import { allNeighbours, countNeighbours } from './addresses/neighbours.js'
import { resolveChecks } from './checks/resolve-checks.js'
import { type ReadSource, resolveEmulations } from './emulation/emulations.js'
import { resolveInterfaces } from './interfaces/resolve-interfaces.js'
import { wireguardWarnings } from './interfaces/wireguard-warnings.js'
import { type MachineFiles, resolveContents } from './node/contents.js'
import { hostsText } from './node/etc-hosts.js'
import { nameWarnings, refuseBadNames } from './node/host-names.js'
import { interfaceOfSysctl, withSysctls } from './node/interface-sysctls.js'
import { resolveIsolation } from './node/isolation.js'
import { isolationWarnings } from './node/isolation-warnings.js'
import { refuseMachineSysctls } from './node/machine-sysctls.js'
import { networkGuests } from './node/shared-network.js'
import { sysctlsOf } from './node/sysctls.js'
import { utsNames } from './node/uts-names.js'
import { writtenPositions } from './positions/written.js'
import { allRoutes } from './routes/all-routes.js'
import { readWrittenRouting } from './routes/written-routing.js'
import { addUnknownNames } from './scenario/names.js'
import { readScenario } from './scenario/parse.js'
import { Faults } from './source/faults.js'
import { type LeftOut, textsOf } from './source/left-out.js'
import type { Topology } from './source/topology.js'
import { FollowUps } from './unknowns/follow-ups.js'
import { plainOf, withoutWiring } from './unknowns/without-wiring.js'
import { refuseEndSettings } from './wiring/end-settings.js'
import { endpointOf, type WiredEnd, type WiredLink } from './wiring/wire-links.js'
import { wire } from './wiring/wiring.js'

/** What a topology's meaning depends on beside its text. */
export interface Machine extends MachineFiles {
  /** Those of the machine that the lab is to run on; by default, those of a kernel with its own limits and nothing in them. */
  neighbourTables?: NeighbourTables
  /** Without it, links can have no traces and no samples. */
  readSource?: ReadSource
}

/**
 * Fills in everything that a topology leaves out, and never changes what is written in it.
 *
 * @param machine looks up files and users of the machine that the topology names, and has its neighbour tables
 * @throws LabError TOPOLOGY_INVALID with every fault and its place
 */
export function resolveTopology(topology: Topology, machine: Machine = {}): ResolvedTopology {
  const faults = new Faults(topology.locate, topology.file)
  const wired = resolveWiring(topology, faults)
  if (!faults.isEmpty) addFaultsOfMeaning(topology, [], machine, faults)
  faults.throwIfAny()

  const { isolations, guests } = wired
  const { links, segments } = wired.wiring
  const { families, addresses, interfaces, written, contents, emulations, checks } = resolveNodes(
    topology,
    wired,
    machine,
    faults,
  )
  faults.throwIfAny()

  const routes = allRoutes(topology, segments, interfaces, addresses, written, faults)
  faults.throwIfAny()
  const permanent = choosePermanent(topology, segments, addresses, machine.neighbourTables ?? DEFAULT_TABLES)
  refuseTooManyPermanent(topology, segments, addresses, permanent, faults)
  faults.throwIfAny()
  const neighbours = allNeighbours(segments, addresses, families, interfaces, permanent, written)
  const positions = writtenPositions(topology)
  const nodes = [...topology.nodes].map(([name, node]): ResolvedNode => {
    const { nexthops = [], rules = [] } = written.get(name) ?? {}
    const isolation = isolations.get(name)
    const network = guests.get(name)
    const position = positions.byNode.get(name)
    return {
      name,
      kind: node.kind,
      ...utsNames(topology, isolations, name, node),
      ...(node.title === undefined ? {} : { title: node.title }),
      labels: node.labels,
      ...(position === undefined ? {} : { position }),
      interfaces: interfaces.get(name) ?? [],
      routes: routes.get(name) ?? [],
      ...(nexthops.length === 0 ? {} : { nexthops }),
      ...(rules.length === 0 ? {} : { rules }),
      neighbours: neighbours.get(name) ?? [],
      sysctls:
        network === undefined
          ? sysctlsOf(node.kind, topology.families, nodeFamilies(topology, name), ownSysctls(node.sysctls))
          : node.sysctls,
      ...(isolation === undefined ? {} : { isolation }),
      ...(network === undefined ? {} : { network }),
    }
  })
  const notes = permanentNotes(topology, permanent)

  return {
    name: topology.name,
    nodes: nodes.map((node) => withContents(node, contents.get(node.name))),
    links: links.map((link) => resolvedLink(topology, link, interfaces, emulations.byLink.get(link.index))),
    hosts: hostsText(nodes),
    neighbourEntries: countNeighbours(topology, segments, addresses, permanent),
    warnings: [
      ...[...isolations].flatMap(([name, isolation]) => isolationWarnings(name, isolation)),
      ...wireguardWarnings(nodes),
      ...nameWarnings(topology),
      ...emulations.warnings,
      ...positions.warnings,
    ],
    ...(notes.length === 0 ? {} : { notes }),
    ...(checks === undefined ? {} : { checks }),
  }
}

/**
 * Checks what is left of a topology that has faults. Leaves out the faults that may follow from those.
 *
 * @param leftOut parts that the topology should have beside its own
 */
export function addFaultsOfMeaning(
  topology: Topology,
  leftOut: readonly LeftOut[],
  machine: Machine,
  faults: Faults,
): void {
  const ofShape = new FollowUps(topology, leftOut)
  const before = faults.parts.length
  faults.leaveOut((path) => ofShape.has(path))
  resolveWiring(topology, faults)
  // The stages below would report faults of other places because of a missing link.
  const ofWiring = faults.parts.slice(before)
  const plain = plainOf(topology)
  const all = [...leftOut, ...ofWiring.map((path) => ({ path, texts: textsOf(plain, path) }))]
  const rest = withoutWiring(topology, ofWiring)
  const followUps = new FollowUps(rest, all)
  faults.leaveOut((path) => followUps.has(path))
  resolveNodes(rest, resolveWiring(rest, new Faults(topology.locate, topology.file)), machine, faults)
}

/** The first stage: what is connected with what, and what nodes share. It does not depend on addresses. */
function resolveWiring(topology: Topology, faults: Faults) {
  const wiring = wire(topology, faults)
  const isolations = resolveIsolation(topology, faults)
  const guests = networkGuests(topology, wiring.links, isolations, faults)
  refuseMachineSysctls(topology, isolations, faults)
  return { wiring, isolations, guests }
}

/** The second stage: everything about single nodes but the computed routes, which no fault depends on. */
function resolveNodes(
  topology: Topology,
  { wiring, isolations }: ReturnType<typeof resolveWiring>,
  machine: Machine,
  faults: Faults,
) {
  const { links, stacks, segments } = wiring
  const families = new Families(topology, segments)
  const addresses = assignAddresses(topology, segments, stacks, families, faults)
  const hasIpv6 = ({ node, interface: name }: WiredEnd) => families.has(node, name, 6)
  refuseEndSettings(topology, links, segments, hasIpv6, faults)
  refuseBadNames(topology, links, faults)
  const byNode = resolveInterfaces(topology, wiring, addresses, faults)
  const interfaces = withSysctls(topology, byNode, families, faults)
  const written = readWrittenRouting(topology, interfaces, segments, addresses, families, stacks, faults)
  const named = [...topology.nodes].map(([name, { kind }]) => ({ name, kind, interfaces: interfaces.get(name) ?? [] }))
  const contents = resolveContents(topology, named, isolations, machine, faults)
  const emulations = resolveEmulations(topology, links, interfaces, machine.readSource, faults)
  checkScenario(topology, links, faults)
  const checks = checksOf(topology, interfaces, faults)
  return { families, addresses, interfaces, written, contents, emulations, checks }
}

/** A scenario changes nothing of the topology; what it names must be there. */
function checkScenario(topology: Topology, links: readonly WiredLink[], faults: Faults): void {
  if (topology.scenario === undefined) return
  const names = new Map([...topology.nodes.keys()].map((name): [string, string[]] => [name, []]))
  for (const { node, interface: name } of links.flatMap(({ ends }) => ends)) names.get(node)?.push(name)
  addUnknownNames(readScenario(topology, topology.scenario, faults), names, faults)
}

function checksOf(
  topology: Topology,
  interfaces: ReadonlyMap<string, readonly ResolvedInterface[]>,
  faults: Faults,
): Checks | undefined {
  const nodes = [...topology.nodes]
  return resolveChecks(
    topology,
    {
      interfaces: new Map(nodes.map(([name]) => [name, (interfaces.get(name) ?? []).map((each) => each.name)])),
      switches: new Set(nodes.flatMap(([name, { kind }]) => (kind === 'switch' ? [name] : []))),
    },
    faults,
  )
}

/** Sysctls that are written before there are interfaces other than `lo`. */
const ownSysctls = (sysctls: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(sysctls).filter(([key]) => interfaceOfSysctl(key) === null))

const withContents = (node: ResolvedNode, contents: NodeContents | undefined): ResolvedNode =>
  contents === undefined ? node : { ...node, contents }

const resolvedLink = (
  topology: Topology,
  link: WiredLink,
  interfaces: ReadonlyMap<string, readonly ResolvedInterface[]>,
  emulation: LinkEmulation | undefined,
): ResolvedLink => {
  const [a, b] = link.ends
  const mtus = link.ends.map((end) => interfaces.get(end.node)?.find(({ name }) => name === end.interface)?.mtu ?? 0)
  return {
    name: topology.links[link.index]?.name ?? null,
    endpoints: [endpointOf(a), endpointOf(b)],
    mtu: Math.min(...mtus),
    ...(emulation === undefined ? {} : { emulation }),
  }
}
