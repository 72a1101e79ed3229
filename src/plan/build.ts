// From a resolved topology to the operations that turn nothing into it. Pure: no kernel, no files, no clock.

import type { NodeContents } from '../model/contents.js'
import type { ResolvedInterface, ResolvedNode, ResolvedTopology } from '../model/resolved.js'
import { deviceAdd, deviceDetails, waitingInterfaces } from './devices.js'
import type { CommandRun, ConfigOp, DeviceOp, NodeAdd, Op, WireguardStart } from './op.js'
import { wireguardStarts } from './wireguard-starts.js'

/**
 * A plan in stages. Everything of a stage must be done before the next begins; within a stage, only the
 * operations of one node depend on their order. A veth pair belongs to the node of its first end.
 */
export interface Plan {
  nodes: NodeAdd[]
  devices: DeviceOp[]
  config: ConfigOp[]
  /** What must find all others ready, in rounds: else it would wait for seconds to try again. */
  start: WireguardStart[][]
  /** One after the other, in this order. */
  commands: CommandRun[]
}

/** Builds the plan for a lab that does not exist yet. */
export function buildPlan(topology: ResolvedTopology): Plan {
  const interfaces = indexInterfaces(topology)
  return {
    nodes: topology.nodes.map(nodeAdd),
    devices: [...devices(topology), ...veths(topology, interfaces)],
    config: topology.nodes.flatMap((node) => [...configure(node, interfaces.get(node.name) ?? new Map())]),
    start: wireguardStarts(topology.nodes),
    commands: topology.nodes.flatMap(({ name, contents }) =>
      (contents?.commands ?? []).map((command): CommandRun => ({ op: 'command.run', node: name, command })),
    ),
  }
}

/** All operations for a lab that does not exist yet, in the order in which they are carried out. */
export function planLab(topology: ResolvedTopology): Op[] {
  const { nodes, devices, config, start, commands } = buildPlan(topology)
  return [...nodes, ...devices, ...config, ...start.flat(), ...commands]
}

type InterfacesByName = Map<string, ResolvedInterface>

function indexInterfaces(topology: ResolvedTopology): Map<string, InterfacesByName> {
  return new Map(topology.nodes.map((node) => [node.name, new Map(node.interfaces.map((i) => [i.name, i]))]))
}

const nodeAdd = ({
  name,
  kind,
  hostname,
  domainname,
  sysctls,
  isolation,
  network,
  contents,
}: ResolvedNode): NodeAdd => ({
  op: 'node.add',
  node: name,
  kind,
  hostname,
  domainname,
  sysctls,
  ...(isolation === undefined ? {} : { isolation }),
  ...(network === undefined ? {} : { network }),
  ...(contents === undefined ? {} : { contents: withoutCommands(contents) }),
})

const withoutCommands = ({ commands: _, ...rest }: NodeContents): NonNullable<NodeAdd['contents']> => rest

/** Beside the ends of links, what stands on nothing. */
function* devices(topology: ResolvedTopology): Generator<DeviceOp> {
  for (const node of topology.nodes) {
    const waiting = waitingInterfaces(node)
    for (const each of node.interfaces) {
      const add = waiting.has(each.name) ? null : deviceAdd(node, each)
      if (add) yield add
    }
  }
}

function* veths(topology: ResolvedTopology, interfaces: Map<string, InterfacesByName>): Generator<DeviceOp> {
  for (const link of topology.links) {
    const [end, peer] = link.endpoints.map((endpoint) => {
      const { index, mac, mtu } = must(interfaces.get(endpoint.node)?.get(endpoint.interface))
      return { node: endpoint.node, interface: endpoint.interface, index, mac, mtu }
    })
    yield { op: 'veth.add', ...must(end), peer: must(peer) }
  }
}

function* configure(node: ResolvedNode, interfaces: InterfacesByName): Generator<ConfigOp> {
  const waiting = waitingInterfaces(node)
  const [later, first] = parted(node.interfaces, ({ name }) => waiting.has(name))
  yield* connect(node, first, interfaces)
  for (const each of later) {
    const add = deviceAdd(node, each)
    // No tun, tap or card stands on anything.
    if (add && add.op !== 'tun.add' && add.op !== 'device.move') yield add
  }
  yield* connect(node, later, interfaces)
  yield* deviceDetails(node)
  for (const neighbour of node.neighbours) {
    const { index } = must(interfaces.get(neighbour.interface))
    yield { op: 'neighbour.add', node: node.name, index, ...neighbour }
  }
  for (const nexthop of node.nexthops ?? []) {
    const index = 'hop' in nexthop ? must(interfaces.get(nexthop.hop.interface)).index : 0
    yield { op: 'nexthop.add', node: node.name, nexthop, index }
  }
  for (const { nextHops, ...route } of node.routes) {
    const indexed = nextHops.map((hop) => ({ ...hop, index: must(interfaces.get(hop.interface)).index }))
    yield { op: 'route.add', node: node.name, nextHops: indexed, ...route }
  }
  for (const rule of node.rules ?? []) yield { op: 'rule.add', node: node.name, rule }
}

/**
 * Brings interfaces up, as members of what they belong to, and gives them their addresses. Ports join their bridge last:
 * what hosts say of themselves when their links come up would go to all the others (MLD, RFC 3810, a twentieth of the
 * processor time of 100 hosts on a switch).
 */
function* connect(
  node: ResolvedNode,
  those: readonly ResolvedInterface[],
  interfaces: InterfacesByName,
): Generator<ConfigOp> {
  for (const { name, index, master, up, carrier, settings } of those) {
    const above = master === null ? null : must(interfaces.get(master))
    const target = { node: node.name, interface: name, index }
    // What becomes a bond's member must be down, and what comes into a VRF loses its addresses.
    if (above && above.kind !== 'bridge') yield { op: 'link.enslave', ...target, master: masterOf(above) }
    if (settings?.kind === 'wireguard') yield { op: 'wireguard.set', ...target, settings }
    if (up !== false) yield { op: 'link.up', ...target, ...(carrier === false ? { carrier } : {}) }
  }
  for (const { name, index, master } of those) {
    const above = master === null ? null : must(interfaces.get(master))
    const target = { node: node.name, interface: name, index }
    if (above?.kind === 'bridge') yield { op: 'link.enslave', ...target, master: masterOf(above) }
  }
  for (const { name, index, addresses } of those) {
    for (const address of addresses) {
      const family = address.includes(':') ? 6 : 4
      yield { op: 'address.add', node: node.name, interface: name, index, family, address }
    }
  }
}

const masterOf = ({ name, index }: ResolvedInterface) => ({ interface: name, index })

function parted<T>(all: readonly T[], isFirst: (each: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((each) => !isFirst(each))]
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a resolved topology names an interface that it does not have')
  return value
}
