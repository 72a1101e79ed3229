// From a resolved topology to the operations that turn nothing into it. Pure: no kernel, no files, no clock.
import type { ResolvedInterface, ResolvedNode, ResolvedTopology } from '../topology/resolved.js'
import type { ConfigOp, DeviceOp, NodeAdd, Op } from './op.js'

/**
 * A plan in three stages. Everything of a stage must be done before the next begins; within a stage, only the
 * operations of one node depend on their order. A veth pair belongs to the node of its first end.
 */
export interface Plan {
  nodes: NodeAdd[]
  devices: DeviceOp[]
  config: ConfigOp[]
}

/** Builds the plan for a lab that does not exist yet. */
export function buildPlan(topology: ResolvedTopology): Plan {
  const interfaces = indexInterfaces(topology)
  return {
    nodes: topology.nodes.map(nodeAdd),
    devices: [...bridges(topology), ...veths(topology, interfaces)],
    config: topology.nodes.flatMap((node) => [...configure(node, interfaces.get(node.name) ?? new Map())]),
  }
}

/** All operations for a lab that does not exist yet, in the order in which they are carried out. */
export function planLab(topology: ResolvedTopology): Op[] {
  const { nodes, devices, config } = buildPlan(topology)
  return [...nodes, ...devices, ...config]
}

type InterfacesByName = Map<string, ResolvedInterface>

function indexInterfaces(topology: ResolvedTopology): Map<string, InterfacesByName> {
  return new Map(topology.nodes.map((node) => [node.name, new Map(node.interfaces.map((i) => [i.name, i]))]))
}

const nodeAdd = ({ name, kind, hostname, domainname, sysctls, isolation }: ResolvedNode): NodeAdd => ({
  op: 'node.add',
  node: name,
  kind,
  hostname,
  domainname,
  sysctls,
  ...(isolation === undefined ? {} : { isolation }),
})

function* bridges(topology: ResolvedTopology): Generator<DeviceOp> {
  for (const node of topology.nodes) {
    for (const { name, kind, index, mac, mtu } of node.interfaces) {
      if (kind === 'bridge') yield { op: 'bridge.add', node: node.name, interface: name, index, mac, mtu }
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
  for (const { name, index, master } of node.interfaces) {
    const bridge = master === null ? null : { interface: master, index: must(interfaces.get(master)).index }
    yield { op: 'link.up', node: node.name, interface: name, index, master: bridge }
  }
  for (const { name, index, addresses } of node.interfaces) {
    for (const address of addresses) {
      const family = address.includes(':') ? 6 : 4
      yield { op: 'address.add', node: node.name, interface: name, index, family, address }
    }
  }
  for (const neighbour of node.neighbours) {
    const { index } = must(interfaces.get(neighbour.interface))
    yield { op: 'neighbour.add', node: node.name, index, ...neighbour }
  }
  for (const { family, destination, nextHops, source } of node.routes) {
    const indexed = nextHops.map((hop) => ({ ...hop, index: must(interfaces.get(hop.interface)).index }))
    yield { op: 'route.add', node: node.name, family, destination, nextHops: indexed, source }
  }
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a resolved topology names an interface that it does not have')
  return value
}
