// From a resolved topology to the plan that turns nothing into it. Pure: no kernel, no files, no clock.
import type { NodeContents } from '../model/contents.js'
import type { ResolvedInterface, ResolvedNode, ResolvedTopology } from '../model/resolved.js'
import { deviceAdd, deviceDetails, waitingInterfaces } from './devices.js'
import { flatten } from './flatten.js'
import type {
  AddressAdd,
  CommandRun,
  ConfigOp,
  LinkEnslave,
  NeighboursAdd,
  NexthopAdd,
  NodeAdd,
  Op,
  RouteAdd,
  VethAdd,
} from './op.js'
import type { InterfacePlan, NodePlan, Plan } from './plan.js'
import { wireguardStarts } from './wireguard-starts.js'

/**
 * Transmit and receive queues of a veth. By default the kernel makes one for each processor and removes the others again, for
 * which it waits for all processors twice a pair while it holds route netlink's lock.
 */
const VETH_QUEUES = 1

/** Builds the plan for a lab that does not exist yet. */
export function buildPlan(topology: ResolvedTopology): Plan {
  const interfaces = indexInterfaces(topology)
  const pairs = vethsByNode(topology, interfaces)
  return {
    nodes: topology.nodes.map((node) =>
      planNode(node, interfaces.get(node.name) ?? new Map(), pairs.get(node.name) ?? []),
    ),
    start: wireguardStarts(topology.nodes),
    commands: topology.nodes.flatMap(({ name, contents }) =>
      (contents?.commands ?? []).map((command): CommandRun => ({ op: 'command.run', node: name, command })),
    ),
  }
}

/** All operations for a lab that does not exist yet, in an order in which they can be carried out. */
export const planLab = (topology: ResolvedTopology): Op[] => flatten(buildPlan(topology))

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

/** Devices of a node that need no other interface, without the ends of links. */
function ownDevices(node: ResolvedNode): NodePlan['devices'] {
  const waiting = waitingInterfaces(node)
  return node.interfaces.flatMap((each) => (waiting.has(each.name) ? [] : (deviceAdd(node, each) ?? [])))
}

/** Veth pairs by the node of their first end. */
function vethsByNode(topology: ResolvedTopology, interfaces: Map<string, InterfacesByName>): Map<string, VethAdd[]> {
  const pairs = new Map<string, VethAdd[]>()
  for (const link of topology.links) {
    const [end, peer] = link.endpoints.map((endpoint) => {
      const { index, mac, mtu } = must(interfaces.get(endpoint.node)?.get(endpoint.interface))
      return { node: endpoint.node, interface: endpoint.interface, index, mac, mtu }
    })
    const op: VethAdd = { op: 'veth.add', ...must(end), queues: VETH_QUEUES, peer: must(peer) }
    const own = pairs.get(op.node)
    if (own) own.push(op)
    else pairs.set(op.node, [op])
  }
  return pairs
}

function planNode(node: ResolvedNode, byName: InterfacesByName, pairs: readonly VethAdd[]): NodePlan {
  const waiting = waitingInterfaces(node)
  const [later, first] = parted(node.interfaces, ({ name }) => waiting.has(name))
  const joins = first.flatMap((each) => joinBridge(node, each, byName))
  const addresses = (those: readonly ResolvedInterface[]) => those.flatMap((each) => addressAdds(node, each))
  const paths = [...nexthopAdds(node, byName), ...routeAdds(node, byName), ...ruleAdds(node)]
  const needsLinks = (node.nexthops ?? []).length > 0
  return {
    node: node.name,
    add: nodeAdd(node),
    remove: [],
    devices: [...ownDevices(node), ...pairs],
    interfaces: first.flatMap((each): InterfacePlan[] => {
      const config = [...bringUp(node, each, byName), ...(joins.length === 0 ? addressAdds(node, each) : [])]
      return config.length === 0 ? [] : [{ interface: each.name, config }]
    }),
    whole: [
      ...joins,
      ...(joins.length === 0 ? [] : addresses(first)),
      ...later.flatMap((each) => addStacked(node, each)),
      ...later.flatMap((each) => bringUp(node, each, byName)),
      ...later.flatMap((each) => joinBridge(node, each, byName)),
      ...addresses(later),
      ...deviceDetails(node),
      ...neighbourAdds(node, byName),
      ...(needsLinks ? [] : paths),
    ],
    running: needsLinks ? paths : [],
  }
}

/** The making of a device that needs other interfaces of its node. A tun, a tap and a card need none. */
function addStacked(node: ResolvedNode, each: ResolvedInterface): ConfigOp[] {
  const add = deviceAdd(node, each)
  return add && add.op !== 'tun.add' && add.op !== 'device.move' ? [add] : []
}

/** Brings an interface up, as a member of its bond or VRF. */
function bringUp(node: ResolvedNode, each: ResolvedInterface, byName: InterfacesByName): ConfigOp[] {
  const { name, index, master, up, carrier, settings, sysctls = {} } = each
  const target = { node: node.name, interface: name, index }
  const above = master === null ? null : must(byName.get(master))
  return [
    // A member of a bond must be down when it joins, and an interface that joins a VRF loses its addresses.
    ...(above && above.kind !== 'bridge' ? [enslave(node, each, above)] : []),
    ...(settings?.kind === 'wireguard' ? [{ op: 'wireguard.set', ...target, settings } as const] : []),
    ...Object.entries(sysctls).map(([key, value]) => ({ op: 'sysctl.set', ...target, key, value }) as const),
    ...(up === false ? [] : [{ op: 'link.up', ...target, ...(carrier === false ? { carrier } : {}) } as const]),
  ]
}

/**
 * Makes an interface a port of its bridge. Ports join when all interfaces of the node are up: otherwise the bridge would flood
 * the multicast listener reports (MLD, RFC 3810) of each to all the others, a twentieth of the processor time of 100 hosts
 * on a switch.
 */
function joinBridge(node: ResolvedNode, each: ResolvedInterface, byName: InterfacesByName): ConfigOp[] {
  const bridge = each.master === null ? null : must(byName.get(each.master))
  return bridge?.kind === 'bridge' ? [enslave(node, each, bridge)] : []
}

const enslave = (node: ResolvedNode, { name, index }: ResolvedInterface, master: ResolvedInterface): LinkEnslave => ({
  ...{ op: 'link.enslave', node: node.name, interface: name, index },
  master: masterOf(master),
})

/** IPv6 addresses are added without duplicate address detection: nobody else can have them, and it would take seconds. */
const addressAdds = ({ name: node }: ResolvedNode, { name, index, addresses }: ResolvedInterface): AddressAdd[] =>
  addresses.map((address) => {
    const family = address.includes(':') ? 6 : 4
    return { op: 'address.add', node, interface: name, index, family, address, noDad: family === 6 }
  })

/** Entries that follow one another on one interface are one operation. */
function neighbourAdds({ name: node, neighbours }: ResolvedNode, byName: InterfacesByName): NeighboursAdd[] {
  const adds: NeighboursAdd[] = []
  for (let from = 0; from < neighbours.length; ) {
    const { name, index } = must(byName.get(must(neighbours[from]).interface))
    let to = from + 1
    while (neighbours[to]?.interface === name) to++
    adds.push({ op: 'neighbours.add', node, interface: name, index, entries: neighbours.slice(from, to) })
    from = to
  }
  return adds
}

const nexthopAdds = ({ name: node, nexthops = [] }: ResolvedNode, byName: InterfacesByName): NexthopAdd[] =>
  nexthops.map((nexthop) => {
    const index = 'hop' in nexthop ? must(byName.get(nexthop.hop.interface)).index : 0
    return { op: 'nexthop.add', node, nexthop, index }
  })

const routeAdds = ({ name: node, routes }: ResolvedNode, byName: InterfacesByName): RouteAdd[] =>
  routes.map(({ nextHops, ...route }) => {
    const indexed = nextHops.map((hop) => ({ ...hop, index: must(byName.get(hop.interface)).index }))
    return { op: 'route.add', node, nextHops: indexed, ...route }
  })

const ruleAdds = ({ name: node, rules = [] }: ResolvedNode): ConfigOp[] =>
  rules.map((rule) => ({ op: 'rule.add', node, rule }))

const masterOf = ({ name, index }: ResolvedInterface) => ({ interface: name, index })

function parted<T>(all: readonly T[], isFirst: (each: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((each) => !isFirst(each))]
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a resolved topology names an interface that it does not have')
  return value
}
