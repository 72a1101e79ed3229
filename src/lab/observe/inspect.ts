// Observes a running lab: dumps links, addresses, routes and neighbours in each node's network namespace, and reads the inodes of
// namespaces from /proc. The state file only says where to look.
import { closeSync, fstatSync, statSync } from 'node:fs'
import { ABSENT, attemptIf, FORBIDDEN } from '../../kernel/attempt.js'
import { listAddresses, parseAddress } from '../../kernel/netlink/rtnl/address.js'
import { parseBridgePort } from '../../kernel/netlink/rtnl/bridge-port.js'
import { type LinkInfo, listLinks, parseLink } from '../../kernel/netlink/rtnl/link.js'
import { parseLinkSettings } from '../../kernel/netlink/rtnl/link-settings.js'
import { listNeighbours, type NeighbourInfo, parseNeighbour } from '../../kernel/netlink/rtnl/neighbour.js'
import { isRefusing, listRoutes, parseRoutes, type RouteInfo } from '../../kernel/netlink/rtnl/route.js'
import { NetlinkSocket } from '../../kernel/netlink/socket.js'
import { type HomeNetns, openHeldNetns, openHomeNetns, openNetns } from '../../kernel/netns.js'
import { hostnameIn } from '../../kernel/uts.js'
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
  WireguardView,
} from '../../model/lab-view.js'
import { inOrder } from '../../model/view-order.js'
import type { WireReport } from '../../model/wire-report.js'
import { ownCgroup } from '../record/cgroup.js'
import type { RunningLab } from '../record/select.js'
import type { LabState, NodeState } from '../record/state.js'
import { isPaused } from '../run/pause.js'
import { isRunning, type ProcessIdentity } from '../who/process-identity.js'
import { readWire } from '../wire/statistics.js'
import { readWireguard } from './wireguard.js'

/** Observes a lab, node after node. @throws KernelError when a namespace cannot be read. */
export async function inspectLab({ state, owner }: RunningLab): Promise<LabView> {
  // Descriptors of another user's keeper are not trusted.
  const keeper = { ...state.keeper, isOwn: owner === process.geteuid?.() }

  using home = openHomeNetns()
  const networks: Networks = new Map()
  const nodes: NodeView[] = []
  for (const node of state.nodes) nodes.push(await inspectNode(node, keeper, home, networks))
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
    ...(state.wire && keeper.isOwn ? { wire: await wireOf(keeper) } : {}),
  })
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

async function inspectNode(
  node: NodeState,
  keeper: ProcessIdentity & { isOwn: boolean },
  home: HomeNetns,
  networks: Networks,
): Promise<NodeView> {
  const { name, kind, pid, title, labels = {} } = node
  const words = { ...(title === undefined ? {} : { title }), labels }
  const isAlive = isRunning(node)
  // The keeper holds the network namespace of a dead node, which goes on forwarding packets and answering pings.
  const netns = isAlive
    ? openNetns(pid)
    : keeper.isOwn
      ? openHeldNetns(keeper.pid, node.netnsFd, node.netnsInode)
      : null
  const self: Omit<NodeView, keyof Network> = isAlive
    ? {
        ...{ name, kind, pid, ...words, hostname: hostnameIn(pid), status: isPaused(node) ? 'paused' : 'running' },
        ...{ namespaces: namespacesOf(pid), cgroup: ownCgroup(pid, keeper.pid) },
      }
    : { name, kind, pid: null, hostname: name, ...words, status: 'dead', namespaces: null, cgroup: null }
  if (netns === null) return { ...self, interfaces: [], routes: [], neighbours: [] }
  try {
    const inode = fstatSync(netns).ino
    const network = networks.get(inode) ?? (await inspectNetwork(name, netns, home))
    networks.set(inode, network)
    return { ...self, ...network }
  } finally {
    closeSync(netns)
  }
}

async function inspectNetwork(node: string, netns: number, home: HomeNetns): Promise<Network> {
  using socket = NetlinkSocket.open(netns, { home, describe: node })
  const payloads = await socket.dump(listLinks())
  const links = payloads.map(parseLink)
  const nameOf = nameByIndex(links)
  const addresses = (await socket.dump(listAddresses())).map(parseAddress)
  const routes = parseRoutes(await socket.dump(listRoutes()))
  const neighbours = (await socket.dump(listNeighbours())).map(parseNeighbour).filter((each) => each !== null)
  const wireguards = links.flatMap(({ name, kind }) => (kind === 'wireguard' ? [name] : []))
  const wireguard = await readWireguard(node, wireguards, netns, home)
  return {
    interfaces: links.map((link, at) => ({
      ...interfaceView(link, nameOf, addresses),
      ...bridgingOf(payloads[at] as Buffer),
      ...(wireguard.has(link.name) ? { wireguard: wireguard.get(link.name) as WireguardView } : {}),
    })),
    routes: routes.filter((route) => route.table !== 'local').map((route) => routeView(route, nameOf)),
    neighbours: neighbours
      .filter((neighbour) => neighbour.state !== 'NOARP')
      .map((neighbour) => neighbourView(neighbour, nameOf)),
  }
}

type NameByIndex = (index: number) => string

function nameByIndex(links: readonly LinkInfo[]): NameByIndex {
  const names = new Map(links.map((link) => [link.index, link.name]))
  return (index) => names.get(index) ?? `if${index}`
}

function interfaceView(
  link: LinkInfo,
  nameOf: NameByIndex,
  addresses: readonly ReturnType<typeof parseAddress>[],
): InterfaceView {
  return {
    name: link.name,
    type: link.kind ?? 'unknown',
    index: link.index,
    mac: link.kind === 'loopback' ? null : link.mac,
    mtu: link.mtu,
    state: stateOf(link),
    master: link.master === null ? null : nameOf(link.master),
    peer: null,
    addresses: addresses.filter((address) => address.index === link.index).map(addressView),
  }
}

/** What a link has of a bridge, or of a port of one. */
function bridgingOf(payload: Buffer): Pick<InterfaceView, 'bridge' | 'bridgePort'> {
  const settings = parseLinkSettings(payload)
  const bridgePort = parseBridgePort(payload)
  if (settings?.kind !== 'bridge') return bridgePort === null ? {} : { bridgePort }
  const { stp, priority, vlanFiltering, groupFwdMask } = settings
  return { bridge: { stp, priority, vlanFiltering, groupFwdMask } }
}

/** Interfaces that do not report a carrier, such as lo, have the operational state `unknown`: then IFF_UP decides. */
const stateOf = (link: LinkInfo): InterfaceView['state'] =>
  link.operState === 'unknown' ? (link.up ? 'up' : 'down') : (link.operState as InterfaceView['state'])

const addressView = ({ family, address, prefixLength, scope }: ReturnType<typeof parseAddress>): AddressView => ({
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
