// Turns a resolved topology into the view that tables and texts are made from, as if it were a lab.

import type { Family } from '../model/family.js'
import type { WireguardSettings } from '../model/interfaces/wireguard.js'
import type { LabView, NodeView, WireguardView } from '../model/lab-view.js'
import type { ResolvedNode, ResolvedTopology } from '../model/resolved.js'
import { endpointText } from '../topology/values/endpoint.js'

/** The view of a topology that is not running. Values that only a kernel can know, such as PIDs, are null. */
export function viewOfResolved(topology: ResolvedTopology): LabView {
  return {
    lab: topology.name,
    status: 'planned',
    rootless: null,
    keeper: null,
    nodes: topology.nodes.map(viewOfNode),
    links: topology.links.map(({ endpoints: [a, b], mtu }) => ({
      a: `${a.node}:${a.interface}`,
      b: `${b.node}:${b.interface}`,
      type: 'veth',
      state: 'planned',
      mtu,
    })),
  }
}

const viewOfNode = (node: ResolvedNode): NodeView => ({
  name: node.name,
  kind: node.kind,
  pid: null,
  hostname: node.hostname,
  ...(node.title === undefined ? {} : { title: node.title }),
  labels: node.labels,
  status: 'planned',
  namespaces: null,
  cgroup: null,
  interfaces: node.interfaces.map(({ name, kind, index, mac, mtu, master, peer, addresses, settings }) => ({
    name,
    type: kind,
    index,
    mac,
    mtu,
    state: 'planned',
    master,
    peer: peer && `${peer.node}:${peer.interface}`,
    addresses: addresses.map((address) => ({ family: familyOf(address), address, scope: scopeOf(address) })),
    ...(settings?.kind === 'wireguard' ? { wireguard: viewOfWireguard(settings) } : {}),
  })),
  routes: node.routes.map(({ family, destination, nextHops, metric, table }) => ({
    family,
    destination,
    gateways: nextHops.map((hop) => hop.gateway),
    interfaces: nextHops.map((hop) => hop.interface),
    metric: metric ?? null,
    table: String(table ?? 'main'),
    protocol: 'static',
  })),
  neighbours: node.neighbours.map((neighbour) => ({
    interface: neighbour.interface,
    family: familyOf(neighbour.address),
    address: neighbour.address,
    mac: neighbour.mac,
    state: 'permanent',
  })),
})

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
