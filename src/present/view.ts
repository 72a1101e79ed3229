// Turns a resolved topology into the view that tables and texts are made from, as if it were a lab.

import type { Family } from '../model/family.js'
import type { WireguardSettings } from '../model/interfaces/wireguard.js'
import type { InterfaceView, LabView, NodeView, RouteView, WireguardView } from '../model/lab-view.js'
import type {
  NextHop,
  ResolvedInterface,
  ResolvedNexthop,
  ResolvedNode,
  ResolvedRoute,
  ResolvedTopology,
} from '../model/resolved.js'
import { inOrder } from '../model/view-order.js'
import { endpointText } from '../topology/values/endpoint.js'
import { portVlansOf, stackOf } from './interface-stack.js'

const MAIN_TABLE = 254
/** rt_tables of iproute2. */
const TABLE_NAMES: Record<number, string> = { 253: 'default', 254: 'main', 255: 'local' }
/** IP6_RT_PRIO_USER; IPv4 reports no metric for 0. */
const DEFAULT_METRICS: Record<Family, number | null> = { 4: null, 6: 1024 }

/** The view of a topology that is not running. Values that only a kernel can know, such as PIDs, are null. */
export function viewOfResolved(topology: ResolvedTopology): LabView {
  const byName = new Map(topology.nodes.map((node) => [node.name, node]))
  return inOrder({
    lab: topology.name,
    status: 'planned',
    rootless: null,
    keeper: null,
    nodes: topology.nodes.map((node) => viewOfNode(node, byName.get(node.network ?? node.name) ?? node)),
    links: topology.links.map(({ endpoints: [a, b], mtu, emulation }) => ({
      a: `${a.node}:${a.interface}`,
      b: `${b.node}:${b.interface}`,
      type: 'veth',
      state: 'planned',
      mtu,
      ...(emulation === undefined ? {} : { emulation }),
    })),
  })
}

/** @param owner the node that describes the network that the node is in: mostly itself */
const viewOfNode = (node: ResolvedNode, owner: ResolvedNode): NodeView => ({
  name: node.name,
  kind: node.kind,
  pid: null,
  hostname: node.hostname,
  ...(node.title === undefined ? {} : { title: node.title }),
  labels: node.labels,
  ...(node.position === undefined ? {} : { position: node.position }),
  status: 'planned',
  namespaces: null,
  cgroup: null,
  interfaces: owner.interfaces.map((each) => viewOfInterface(each, owner)),
  routes: owner.routes.map((route) => viewOfRoute(route, owner)),
  neighbours: owner.neighbours.map((neighbour) => ({
    interface: neighbour.interface,
    family: familyOf(neighbour.address),
    address: neighbour.address,
    mac: neighbour.mac,
    state: 'permanent',
  })),
})

function viewOfInterface(each: ResolvedInterface, { interfaces }: ResolvedNode): InterfaceView {
  const { name, kind, index, mac, mtu, master, peer, addresses, settings } = each
  const vlans = portVlansOf(each, interfaces)
  return {
    name,
    type: kind === 'tap' ? 'tun' : kind,
    index,
    mac,
    mtu,
    state: 'planned',
    master,
    peer: peer && `${peer.node}:${peer.interface}`,
    addresses: addresses.map((address) => ({ family: familyOf(address), address, scope: scopeOf(address) })),
    ...(settings?.kind === 'wireguard' ? { wireguard: viewOfWireguard(settings) } : {}),
    ...(settings ? stackOf(settings) : {}),
    ...(vlans ? { portVlans: vlans } : {}),
  }
}

/** As the kernel will report it. */
function viewOfRoute(route: ResolvedRoute, { nexthops = [] }: ResolvedNode): RouteView {
  const { family, destination, nexthopId, metric, table = MAIN_TABLE } = route
  const object = nexthops.find(({ id }) => id === nexthopId)
  const hops = object ? hopsOf(object, nexthops) : route.nextHops
  return {
    family,
    destination,
    type: object && hops.length === 0 ? 'blackhole' : (route.type ?? 'unicast'),
    gateways: hops.map((hop) => hop.gateway),
    interfaces: hops.map((hop) => hop.interface),
    weights: hops.map((hop) => hop.weight ?? 1),
    metric: metric ?? DEFAULT_METRICS[family],
    table: TABLE_NAMES[table] ?? String(table),
    protocol: 'static',
  }
}

/** The next hops that a next-hop object stands for; a blackhole has none. */
function hopsOf(object: ResolvedNexthop, all: readonly ResolvedNexthop[]): NextHop[] {
  if ('hop' in object) return [object.hop]
  if ('blackhole' in object) return []
  return object.group.flatMap(({ id, weight }) => {
    const member = all.find((each) => each.id === id)
    return member && 'hop' in member ? [{ ...member.hop, weight }] : []
  })
}

const viewOfWireguard = ({ publicKey, port, peers }: WireguardSettings): WireguardView => ({
  publicKey,
  port: port ?? null,
  peers: peers.map(({ key, endpoint, allowed, keepaliveSeconds }) => ({
    key,
    endpoint: endpoint && endpointText(endpoint),
    allowed,
    keepaliveSeconds: keepaliveSeconds ?? 0,
    latestHandshake: null,
    receivedBytes: 0,
    sentBytes: 0,
  })),
})

const familyOf = (address: string): Family => (address.includes(':') ? 6 : 4)

/** The scope the kernel gives an address by itself (inet_addr_type, ipv6_addr_scope): 127/8 and ::1, fe80::/10, others. */
function scopeOf(address: string): string {
  if (address.startsWith('127.') || address === '::1/128') return 'host'
  return /^fe[89ab][0-9a-f]:/.test(address) ? 'link' : 'global'
}
