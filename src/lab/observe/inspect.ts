// Observes a running lab: dumps links, addresses, routes and neighbours in each node's network namespace, and reads the inodes of
// namespaces from /proc. The state file only says where to look.
import { statSync } from 'node:fs'
import { ABSENT, attemptIf, FORBIDDEN } from '../../kernel/attempt.js'
import type { ReadingSocket } from '../../kernel/netlink/reading-socket.js'
import { type AddressInfo, listAddresses, parseAddress } from '../../kernel/netlink/rtnl/address.js'
import { parseBridgePort } from '../../kernel/netlink/rtnl/bridge-port.js'
import { type LinkInfo, listLinks, parseLink } from '../../kernel/netlink/rtnl/link.js'
import { parseLinkSettings } from '../../kernel/netlink/rtnl/link-settings.js'
import { listNeighbours, type NeighbourInfo, parseNeighbour } from '../../kernel/netlink/rtnl/neighbour.js'
import {
  isIpRoute,
  isLocalRoute,
  isRefusing,
  listRoutes,
  parseRoute,
  type RouteInfo,
} from '../../kernel/netlink/rtnl/route.js'
import { hostnameIn } from '../../kernel/visit-namespaces.js'
import type { EmulatedLink } from '../../model/impairment.js'
import type {
  AddressView,
  InterfaceView,
  LabStatus,
  LabView,
  LinkView,
  Namespaces,
  NeighbourView,
  NodeView,
  RouteView,
} from '../../model/lab-view.js'
import { inOrder } from '../../model/view-order.js'
import type { WireReport } from '../../model/wire-report.js'
import { LabNetworks } from '../read/networks.js'
import { readWireguards } from '../read/wireguard.js'
import { NodeCgroups } from '../record/cgroup.js'
import type { RunningLab } from '../record/select.js'
import type { LabState, NodeState } from '../record/state.js'
import { isPaused } from '../run/pause.js'
import { isRunning, type ProcessIdentity } from '../who/process-identity.js'
import { readWire } from '../wire/statistics.js'
import { parseStack, readStacks } from './interface-stack.js'
import { wireguardView } from './wireguard.js'

/** Tables of a node that are long, and read only where they are asked for. */
export type NetworkTable = 'routes' | 'neighbours'
export const NETWORK_TABLES: readonly NetworkTable[] = ['routes', 'neighbours']

/**
 * Observes a lab, node after node.
 *
 * @param tables those that are read; the others are empty
 * @throws KernelError when a namespace cannot be read
 */
export async function inspectLab(lab: RunningLab, tables: readonly NetworkTable[]): Promise<LabView> {
  const { state } = lab
  const { nodes, isKeeperTrusted } = readNodes(lab, tables)
  const ends = linkEnds(state, nodes)
  for (const [a, b] of ends) {
    if (a.device) a.device.peer = b.endpoint
    if (b.device) b.device.peer = a.endpoint
  }
  return inOrder({
    lab: state.lab,
    status: statusOf(nodes),
    rootless: state.rootless,
    keeper: { pid: state.keeper.pid },
    nodes,
    links: ends.map((pair, at) => linkView(pair, state.emulations?.[at] ?? null)),
    ...(state.degraded ? { degraded: state.degraded } : {}),
    ...(state.wire && isKeeperTrusted ? { wire: await wireOf(state.keeper) } : {}),
  })
}

function readNodes(lab: RunningLab, tables: readonly NetworkTable[]): { nodes: NodeView[]; isKeeperTrusted: boolean } {
  using networks = new LabNetworks(lab)
  const known: Networks = new Map()
  const cgroups = new NodeCgroups(lab.state.keeper.pid)
  const nodes = lab.state.nodes.map((node): NodeView => {
    const isAlive = isRunning(node)
    const network = networks.ofNode(node, isAlive, (open) => {
      const read =
        known.get(open.inode) ??
        networks.visit(open, node.name, (socket) => inspectNetwork(node.name, socket, networks, tables))
      known.set(open.inode, read)
      return read
    })
    return { ...nodeView(node, isAlive, cgroups), ...(network ?? NO_NETWORK) }
  })
  return { nodes, isKeeperTrusted: networks.isKeeperTrusted }
}

async function wireOf(keeper: ProcessIdentity): Promise<WireReport> {
  const { status, restarts, lost } = await readWire(keeper)
  return { status, restarts, lost }
}

/** A lab is paused when all of its living nodes are, and at least one lives. */
function statusOf(nodes: readonly NodeView[]): LabStatus {
  const living = nodes.filter(({ status }) => status !== 'dead')
  return living.length > 0 && living.every(({ status }) => status === 'paused') ? 'paused' : 'running'
}

/** What the kernel has in a network namespace. */
type Network = Pick<NodeView, 'interfaces' | 'routes' | 'neighbours'>
/** By inode of the network namespace, which several nodes may share. */
type Networks = Map<number, Network>

const NO_NETWORK: Network = { interfaces: [], routes: [], neighbours: [] }

/** What /proc says of a node, and what the state does. */
function nodeView(node: NodeState, isAlive: boolean, cgroups: NodeCgroups): Omit<NodeView, keyof Network> {
  const { name, kind, pid, title, labels = {}, position } = node
  const words = { ...(title === undefined ? {} : { title }), labels, ...(position ? { position } : {}) }
  return isAlive
    ? {
        ...{ name, kind, pid, ...words, hostname: hostnameIn(pid), status: isPaused(node) ? 'paused' : 'running' },
        ...{ namespaces: namespacesOf(pid), cgroup: cgroups.ownOf(pid) },
      }
    : { name, kind, pid: null, hostname: name, ...words, status: 'dead', namespaces: null, cgroup: null }
}

function inspectNetwork(
  node: string,
  socket: ReadingSocket,
  networks: LabNetworks,
  tables: readonly NetworkTable[],
): Network {
  const links = socket.dump(listLinks(), (payload) => {
    const link = parseLink(payload)
    return { ...link, bridging: bridgingOf(link, payload), stack: parseStack(payload, link) }
  })
  const nameOf = nameByIndex(links)
  const addresses = addressesByIndex(socket.dump(listAddresses(), parseAddress))
  const wireguards = readWireguards(
    networks,
    node,
    links.flatMap(({ name, kind }) => (kind === 'wireguard' ? [name] : [])),
  )
  const stackOf = readStacks(socket, links, nameOf)
  return {
    interfaces: links.map((link) => {
      const wireguard = wireguards.get(link.name)
      return {
        ...interfaceView(link, nameOf, addresses.get(link.index) ?? []),
        ...link.bridging,
        ...stackOf(link),
        ...(wireguard ? { wireguard: wireguardView(wireguard) } : {}),
      }
    }),
    routes: tables.includes('routes') ? socket.dump(listRoutes(), (payload) => routeOf(payload, nameOf)) : [],
    neighbours: tables.includes('neighbours')
      ? socket.dump(listNeighbours(), (payload) => neighbourOf(payload, nameOf))
      : [],
  }
}

function addressesByIndex(addresses: readonly AddressInfo[]): ReadonlyMap<number, AddressInfo[]> {
  const byIndex = new Map<number, AddressInfo[]>()
  for (const each of addresses) {
    const those = byIndex.get(each.index)
    if (those) those.push(each)
    else byIndex.set(each.index, [each])
  }
  return byIndex
}

function routeOf(payload: Buffer, nameOf: NameByIndex): RouteView | undefined {
  return isIpRoute(payload) && !isLocalRoute(payload) ? routeView(parseRoute(payload), nameOf) : undefined
}

function neighbourOf(payload: Buffer, nameOf: NameByIndex): NeighbourView | undefined {
  const neighbour = parseNeighbour(payload)
  return neighbour && neighbour.state !== 'NOARP' ? neighbourView(neighbour, nameOf) : undefined
}

type NameByIndex = (index: number) => string

function nameByIndex(links: readonly LinkInfo[]): NameByIndex {
  const names = new Map(links.map((link) => [link.index, link.name]))
  return (index) => names.get(index) ?? `if${index}`
}

function interfaceView(link: LinkInfo, nameOf: NameByIndex, addresses: readonly AddressInfo[]): InterfaceView {
  return {
    name: link.name,
    type: link.kind ?? 'unknown',
    index: link.index,
    mac: link.kind === 'loopback' ? null : link.mac,
    mtu: link.mtu,
    state: stateOf(link),
    master: link.master === null ? null : nameOf(link.master),
    peer: null,
    addresses: addresses.map(addressView),
  }
}

/** What a link has of a bridge, or of a port of one. */
function bridgingOf({ kind, master }: LinkInfo, payload: Buffer): Pick<InterfaceView, 'bridge' | 'bridgePort'> {
  if (kind === 'bridge') {
    const settings = parseLinkSettings(payload)
    if (settings?.kind !== 'bridge') return {}
    const { stp, priority, vlanFiltering, groupFwdMask } = settings
    return { bridge: { stp, priority, vlanFiltering, groupFwdMask } }
  }
  const bridgePort = master === null ? null : parseBridgePort(payload)
  return bridgePort === null ? {} : { bridgePort }
}

/** Interfaces that do not report a carrier, such as lo, have the operational state `unknown`: then IFF_UP decides. */
const stateOf = (link: LinkInfo): InterfaceView['state'] =>
  link.operState === 'unknown' ? (link.up ? 'up' : 'down') : (link.operState as InterfaceView['state'])

const addressView = ({ family, address, prefixLength, scope }: AddressInfo): AddressView => ({
  family,
  address: `${address}/${prefixLength}`,
  scope,
})

function routeView(route: RouteInfo, nameOf: NameByIndex): RouteView {
  // For IPv6 routes that refuse packets, the kernel reports the loopback interface.
  const hops = isRefusing(route.type) ? [] : route.nextHops
  return {
    family: route.family,
    destination: route.destination,
    type: route.type,
    gateways: hops.map((hop) => hop.gateway),
    interfaces: hops.map((hop) => nameOf(hop.index)),
    weights: hops.map((hop) => hop.weight),
    metric: route.metric,
    table: String(route.table),
    protocol: String(route.protocol),
  }
}

const neighbourView = (neighbour: NeighbourInfo, nameOf: NameByIndex): NeighbourView => ({
  interface: nameOf(neighbour.index),
  family: neighbour.family,
  address: neighbour.address,
  mac: neighbour.mac,
  state: neighbour.state.toLowerCase(),
})

/** Inode numbers of a process's namespaces, as in namespaces(7). */
function namespacesOf(pid: number): Namespaces {
  const inode = (kind: string): number | null => {
    const path = `/proc/${pid}/ns/${kind}`
    return attemptIf([...ABSENT, ...FORBIDDEN], 'read namespace', path, () => statSync(path).ino)
  }
  return {
    user: inode('user'),
    pid: inode('pid'),
    mnt: inode('mnt'),
    uts: inode('uts'),
    ipc: inode('ipc'),
    net: inode('net'),
    cgroup: inode('cgroup'),
    time: inode('time'),
  }
}

/** One end of a link: its present name, and what the kernel says of it; null when it is gone. */
interface LinkEnd {
  endpoint: string
  device: InterfaceView | null
}

/** Finds the ends by their index, since a node may have renamed them. */
function linkEnds({ links, linkIndexes }: LabState, nodes: readonly NodeView[]): [LinkEnd, LinkEnd][] {
  const devices = new Map(
    nodes.flatMap(({ name, interfaces }) => interfaces.map((each) => [`${name} ${each.index}`, each])),
  )
  const endOf = (written: string, index: number): LinkEnd => {
    const node = written.slice(0, written.indexOf(':'))
    const device = devices.get(`${node} ${index}`) ?? null
    return { endpoint: device ? `${node}:${device.name}` : written, device }
  }
  return links.map(([a, b], at) => {
    const [first, second] = linkIndexes[at] ?? [0, 0]
    return [endOf(a, first), endOf(b, second)]
  })
}

/** A link is up when both its ends are. */
const linkView = ([a, b]: [LinkEnd, LinkEnd], emulated: EmulatedLink | null): LinkView => ({
  a: a.endpoint,
  b: b.endpoint,
  type: a.device?.type ?? 'veth',
  state: a.device?.state === 'up' && b.device?.state === 'up' ? 'up' : 'down',
  mtu: Math.min(a.device?.mtu ?? 0, b.device?.mtu ?? 0),
  ...(emulated ? { emulation: { backend: emulated.backend, directions: emulated.emulation.directions } } : {}),
})
