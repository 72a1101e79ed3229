// From a resolved topology to the plan that turns nothing into it. Pure: no kernel, no files, no clock.
import type { NodeContents } from '../model/contents.js'
import type { EmulatedLink } from '../model/impairment.js'
import { EVERY_KIND, type KernelKinds } from '../model/kernel-kinds.js'
import type { ResolvedInterface, ResolvedNode, ResolvedTopology } from '../model/resolved.js'
import { bridgeMtus, deviceAdd, deviceDetails, waitingInterfaces } from './devices.js'
import { directionOps } from './emulation/direction.js'
import { emulatedLinks } from './emulation/links.js'
import type { EmulationOp } from './emulation/ops.js'
import { hasTunnels } from './emulation/segments.js'
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
import { vethPairs, wireNode, wirePlan } from './veths.js'
import { wireguardStarts } from './wireguard-starts.js'

/**
 * Builds the plan for a lab that does not exist yet.
 *
 * @param kinds what the kernel has to emulate links with
 * @throws LabError FEATURE_MISSING when a link demands netem, and the kernel has not what it needs
 */
export const buildPlan = (topology: ResolvedTopology, kinds: KernelKinds = EVERY_KIND): Plan =>
  planWith(topology, emulatedLinks(topology.links, kinds))

/** @param emulated what emulates each link */
export function planWith(topology: ResolvedTopology, emulated: readonly (EmulatedLink | null)[]): Plan {
  const interfaces = indexInterfaces(topology)
  const pairs = vethPairs(topology.links, emulated, hasTunnels(topology), ({ node, interface: name }) =>
    must(interfaces.get(node)?.get(name)),
  )
  const shaped = shapedInterfaces(topology, emulated, interfaces)
  const wire = wirePlan(topology.links, emulated)
  return {
    nodes: [
      ...topology.nodes.map((node) =>
        planNode(node, interfaces.get(node.name) ?? new Map(), pairs.get(node.name) ?? [], shaped),
      ),
      ...(wire === null ? [] : [wireNode(wire)]),
    ],
    start: wireguardStarts(topology.nodes),
    wire,
    commands: topology.nodes.flatMap(({ name, contents }) =>
      (contents?.commands ?? []).map((command): CommandRun => ({ op: 'command.run', node: name, command })),
    ),
  }
}

/** All operations for a lab that does not exist yet, in an order in which they can be carried out. @throws as `buildPlan` */
export const planLab = (topology: ResolvedTopology, kinds: KernelKinds = EVERY_KIND): Op[] =>
  flatten(buildPlan(topology, kinds))

type InterfacesByName = Map<string, ResolvedInterface>

function indexInterfaces(topology: ResolvedTopology): Map<string, InterfacesByName> {
  return new Map(topology.nodes.map((node) => [node.name, new Map(node.interfaces.map((i) => [i.name, i]))]))
}

export const nodeAdd = ({
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

/** What emulates links at the interfaces that send, by interface. */
function shapedInterfaces(
  { links }: ResolvedTopology,
  emulated: readonly (EmulatedLink | null)[],
  interfaces: Map<string, InterfacesByName>,
): Map<ResolvedInterface, EmulationOp[]> {
  const shaped = new Map<ResolvedInterface, EmulationOp[]>()
  for (const [number, { endpoints }] of links.entries()) {
    const link = emulated[number]
    if (!link || link.backend === 'wire') continue
    for (const [side, { node, interface: name }] of endpoints.entries()) {
      const end = must(interfaces.get(node)?.get(name))
      const { index, mtu } = end
      shaped.set(end, directionOps({ node, interface: name, index, mtu }, must(link.emulation.directions[side])))
    }
  }
  return shaped
}

function planNode(
  node: ResolvedNode,
  byName: InterfacesByName,
  pairs: readonly VethAdd[],
  shaped: ReadonlyMap<ResolvedInterface, EmulationOp[]>,
): NodePlan {
  // Before it is up: on an interface that is up, the kernel waits for all processors at each discipline.
  const bringUp = (each: ResolvedInterface) => upOps(node, each, byName, shaped.get(each) ?? [])
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
      const config = [...bringUp(each), ...(joins.length === 0 ? addressAdds(node, each) : [])]
      return config.length === 0 ? [] : [{ interface: each.name, config }]
    }),
    whole: [
      ...joins,
      ...(joins.length === 0 ? [] : addresses(first)),
      ...later.flatMap((each) => addStacked(node, each)),
      ...later.flatMap(bringUp),
      ...later.flatMap((each) => joinBridge(node, each, byName)),
      ...addresses(later),
      ...bridgeMtus(node),
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
function upOps(
  node: ResolvedNode,
  each: ResolvedInterface,
  byName: InterfacesByName,
  shaping: readonly EmulationOp[],
): ConfigOp[] {
  const { name, index, master, up, carrier, settings, sysctls = {} } = each
  const target = { node: node.name, interface: name, index }
  const above = master === null ? null : must(byName.get(master))
  return [
    // A member of a bond must be down when it joins, and an interface that joins a VRF loses its addresses.
    ...(above && above.kind !== 'bridge' ? [enslave(node, each, above)] : []),
    ...(settings?.kind === 'wireguard' ? [{ op: 'wireguard.set', ...target, settings } as const] : []),
    ...Object.entries(sysctls).map(([key, value]) => ({ op: 'sysctl.set', ...target, key, value }) as const),
    ...shaping,
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
