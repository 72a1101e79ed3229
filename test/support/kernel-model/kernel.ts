// A model of the parts of Linux that a plan changes: what operations make, and what the kernel drops of its own accord. Written from
// the kernel's sources, and not from src/plan/change, which it is to test.
import { referencesOf } from '../../../src/model/interfaces/kinds.js'
import type { WireguardSettings } from '../../../src/model/interfaces/wireguard.js'
import type { ObservedEntry } from '../../../src/plan/change/observed.js'
import type {
  BridgePortSet,
  BridgeVlanChange,
  ConfigOp,
  DeviceOp,
  NeighbourAdd,
  NodeAdd,
  ReversibleOp,
  VethAdd,
  WireguardStart,
} from '../../../src/plan/op.js'
import { subnetOf } from './subnet.js'

export interface ModelInterface {
  index: number
  name: string
  kind: string
  mac: string | null
  mtu: number
  up: boolean
  master: number | null
  peer: { node: string; index: number } | null
  gso: number
  settings: Record<string, unknown>
  wireguard: WireguardSettings | undefined
  disciplines: { kind: string; parent: number; handle: number }[]
  sysctls: Map<string, string>
}

export interface ModelNode {
  name: string
  interfaces: Map<number, ModelInterface>
  entries: ObservedEntry[]
  sysctls: Map<string, string>
}

const ANY_SEGMENTS = 65_535
const PARTS = /^(net\.(?:ipv4|ipv6)\.(?:conf|neigh))\.(.+)\.([a-z0-9_]+)$/
const STACKED = ['vlan', 'macvlan', 'ipvlan', 'vxlan']
const BRIDGE = {
  ...{ stp: false, priority: 32_768, forward_delay: 15, hello_time: 2, max_age: 20, ageing: 300 },
  ...{ multicast_snooping: true, vlan_filtering: false, default_pvid: 1, group_fwd_mask: 0 },
}

export class Kernel {
  readonly nodes = new Map<string, ModelNode>()

  addNode(name: string, add: NodeAdd | null): void {
    const node: ModelNode = { name, interfaces: new Map(), entries: [], sysctls: new Map() }
    this.nodes.set(name, node)
    const lo = { name: 'lo', index: 1, mac: null, mtu: 65_536 }
    this.addInterface(node, lo, 'loopback')
    for (const [key, value] of Object.entries(add?.sysctls ?? {})) {
      this.writeSysctl(node, key, value)
      // It has no address yet, and follows.
      if (key.startsWith('net.ipv4.conf.default.')) this.at(name, 1).sysctls.set(leafOf(key), value)
    }
  }

  endNode(name: string): void {
    for (const { index } of [...(this.nodes.get(name)?.interfaces.values() ?? [])]) {
      if (index !== 1 && this.nodes.get(name)?.interfaces.has(index)) this.deleteInterface(name, index)
    }
    this.nodes.delete(name)
  }

  at(node: string, index: number): ModelInterface {
    const found = this.node(node).interfaces.get(index)
    if (!found) throw new Error(`ENODEV: ${node} ${index}`)
    return found
  }

  node(name: string): ModelNode {
    const node = this.nodes.get(name)
    if (!node) throw new Error(`no node ${name}`)
    return node
  }

  perform(op: DeviceOp | ConfigOp): void {
    switch (op.op) {
      case 'remove':
        this.remove(op.what)
        return
      case 'replace':
        this.replace(op.node, op.from, op.to)
        return
      case 'neighbours.add':
        for (const { address, mac } of op.entries) {
          this.addEntry({ op: 'neighbour.add', node: op.node, interface: op.interface, index: op.index, address, mac })
        }
        return
      default:
        this.make(op)
        return
    }
  }

  start({ node, index, peers }: WireguardStart): void {
    const device = this.at(node, index)
    for (const { key, endpoint, keepaliveSeconds } of peers) {
      const peer = device.wireguard?.peers.find((each) => each.key === key)
      if (!peer) throw new Error(`no peer ${key}`)
      if (endpoint) peer.endpoint = endpoint
      if (keepaliveSeconds !== undefined) peer.keepaliveSeconds = keepaliveSeconds
    }
  }

  private make(op: ReversibleOp): void {
    const node = this.node(op.node)
    switch (op.op) {
      case 'veth.add':
        this.addVeth(op)
        return
      case 'bridge.add': {
        const bridge = this.addInterface(node, op, 'bridge')
        bridge.settings = { ...BRIDGE, ...defined(op.settings ?? {}) }
        this.setVlan({
          op: 'bridge-vlan.add',
          ...target(op),
          vid: Number(bridge.settings.default_pvid),
          untagged: true,
          self: true,
        })
        return
      }
      case 'link.add': {
        const { settings, indexes } = op
        const references = referencesOf(settings).map(({ key, name }) => [key, indexes[name]])
        for (const [, index] of references) this.at(op.node, Number(index))
        const { kind, ...own } = settings
        this.addInterface(node, op, kind).settings =
          kind === 'wireguard' ? {} : defined({ ...own, ...Object.fromEntries(references), ...firstOf(own) })
        return
      }
      case 'tun.add':
        this.addInterface(node, op, op.mode)
        return
      case 'device.move':
        this.addInterface(node, op, 'device')
        return
      case 'link.up':
        this.at(op.node, op.index).up = true
        for (const vlan of this.vlansOn(node, op.index)) if (vlan.settings.wasUp) vlan.up = true
        return
      case 'link.enslave':
        this.enslave(op.node, op.index, op.master.index)
        return
      case 'wireguard.set': {
        const peers = op.settings.peers.map(({ keepaliveSeconds: _, ...peer }) => ({ ...peer, endpoint: null }))
        this.at(op.node, op.index).wireguard = { ...op.settings, peers }
        return
      }
      case 'sysctl.set':
        this.at(op.node, op.index).sysctls.set(leafOf(op.key), op.value)
        if (!op.key.replaceAll('/', '.').includes(`.${this.at(op.node, op.index).name}.`))
          throw new Error(`ENOENT: ${op.key}`)
        return
      case 'node-sysctl.set':
        this.writeSysctl(node, op.key, op.value)
        return
      case 'bridge-port.set': {
        const old = node.entries.find((each) => each.op === op.op && each.index === op.index) as
          | BridgePortSet
          | undefined
        if (!old) throw new Error(`no port ${op.node} ${op.index}`)
        Object.assign(old, defined({ cost: op.cost, priority: op.priority, group_fwd_mask: op.group_fwd_mask }))
        return
      }
      case 'bridge-vlan.add':
        this.setVlan(op)
        return
      case 'bridge-vlan.delete':
        this.dropVlan(op)
        return
      case 'qdisc.add':
        this.at(op.node, op.index).disciplines.push({ kind: op.qdisc.kind, parent: 0, handle: op.major << 16 })
        return
      case 'class.add':
      case 'filter.add':
        return
      case 'neighbours.add':
        this.perform(op)
        return
      default:
        this.addEntry(op)
        return
    }
  }

  private addVeth(op: VethAdd): void {
    for (const [end, peer] of [
      [op, op.peer],
      [op.peer, op],
    ] as const) {
      const own = this.addInterface(this.node(end.node), end, 'veth')
      own.peer = { node: peer.node, index: peer.index }
      own.gso = end.gsoMaxSegs ?? ANY_SEGMENTS
    }
  }

  private addInterface(
    node: ModelNode,
    {
      name,
      index,
      mac,
      mtu,
      ...op
    }: { name?: string; interface?: string; index: number; mac: string | null; mtu: number },
    kind: string,
  ): ModelInterface {
    const own = name ?? op.interface ?? ''
    for (const each of node.interfaces.values()) {
      if (each.name === own || each.index === index) throw new Error(`EEXIST: ${node.name}:${own} ${index}`)
    }
    const sysctls = new Map<string, string>()
    for (const [key, value] of node.sysctls) if (PARTS.exec(key)?.[2] === 'default') sysctls.set(leafOf(key), value)
    const fresh = {
      index,
      name: own,
      kind,
      mac,
      mtu,
      up: false,
      master: null,
      peer: null,
      gso: ANY_SEGMENTS,
      settings: {},
    }
    const made: ModelInterface = { ...fresh, wireguard: undefined, disciplines: [], sysctls }
    node.interfaces.set(index, made)
    return made
  }

  private addEntry(op: Exclude<ObservedEntry, BridgePortSet | BridgeVlanChange> | NeighbourAdd | ReversibleOp): void {
    const node = this.node(op.node)
    const entry = op as ObservedEntry
    if (node.entries.some((each) => entryKey(each) === entryKey(entry)))
      throw new Error(`EEXIST: ${JSON.stringify(op)}`)
    const places = indexesOf(entry)
    for (const index of places) {
      const link = this.at(op.node, index)
      if (['route.add', 'nexthop.add', 'neighbour.add'].includes(op.op) && !link.up)
        throw new Error(`ENETDOWN: ${JSON.stringify(op)}`)
    }
    if (entry.op === 'route.add' && entry.nexthopId !== undefined) this.requireNexthop(node, entry.nexthopId)
    if (entry.op === 'nexthop.add' && 'group' in entry.nexthop)
      for (const { id } of entry.nexthop.group) this.requireNexthop(node, id)
    if (entry.op === 'route.add' && entry.source !== null) this.requireAddress(node, entry.source)
    if (entry.op === 'route.add') this.requireRoom(node, entry)
    node.entries.push(structuredClone(entry))
  }

  private requireNexthop({ entries, name }: ModelNode, id: number): void {
    if (!entries.some((each) => each.op === 'nexthop.add' && each.nexthop.id === id))
      throw new Error(`${name}: no next hop ${id}`)
  }

  /** The kernel has a route for each address, and a gateway is another node's and is reached without a gateway. */
  private requireRoom({ entries, name }: ModelNode, route: Extract<ObservedEntry, { op: 'route.add' }>): void {
    const gateways = route.nextHops.flatMap(({ gateway }) => gateway ?? [])
    for (const each of entries) {
      if (each.op === 'address.add') {
        if (gateways.includes(each.address.split('/')[0] ?? '')) throw new Error(`EINVAL: a gateway is ${name}'s own`)
        const isSameMetric = (route.metric ?? (route.family === 6 ? 1024 : 0)) === (route.family === 6 ? 256 : 0)
        const isMain = (route.table ?? 254) === 254 && !(route.family === 4 && each.address.endsWith('/32'))
        if (isMain && isSameMetric && subnetOf(each.address) === subnetOf(route.destination))
          throw new Error(`EEXIST: ${route.destination} is the subnet of ${each.address}`)
      }
    }
    for (const gateway of gateways) {
      const [addresses, routes] = [
        entries.flatMap((each) => (each.op === 'address.add' ? [each.address] : [])),
        entries.flatMap((each) =>
          each.op === 'route.add' && !each.destination.endsWith('/0') ? [each.destination] : [],
        ),
      ].map((prefixes) => Math.max(0, ...prefixes.filter((prefix) => isIn(prefix, gateway)).map(lengthOf)))
      if (Number(routes) > Number(addresses)) throw new Error(`ENETUNREACH: ${gateway} has a gateway itself`)
    }
  }

  private requireAddress({ entries, name }: ModelNode, source: string): void {
    const has = entries.some((each) => each.op === 'address.add' && each.address.split('/')[0] === source)
    if (!has) throw new Error(`EINVAL: ${name} has no ${source}`)
  }

  private enslave(name: string, index: number, master: number): void {
    const [node, link, above] = [this.node(name), this.at(name, index), this.at(name, master)]
    if (link.master !== null) throw new Error(`EBUSY: ${name} ${index} has a master`)
    if (above.kind !== 'bridge' && link.up) throw new Error(`EPERM: ${name} ${link.name} is up`)
    link.master = master
    if (above.kind !== 'bridge') return
    const own = { node: name, interface: link.name, index }
    node.entries.push({ op: 'bridge-port.set', ...own, cost: 2, priority: 32, group_fwd_mask: 0 })
    const vid = Number(above.settings.default_pvid)
    if (vid !== 0) this.setVlan({ op: 'bridge-vlan.add', ...own, vid, untagged: true, self: false })
  }

  private setVlan(op: BridgeVlanChange): void {
    const node = this.node(op.node)
    node.entries = node.entries.filter((each) => !isVlan(each, op.index) || each.vid !== op.vid)
    // A port has one untagged VLAN for what comes without a tag.
    node.entries.push({ ...op, op: 'bridge-vlan.add' })
  }

  private dropVlan({ node: name, index, vid }: BridgeVlanChange): void {
    const node = this.node(name)
    if (!node.entries.some((each) => isVlan(each, index) && each.vid === vid)) throw new Error(`ENOENT: VLAN ${vid}`)
    node.entries = node.entries.filter((each) => !isVlan(each, index) || each.vid !== vid)
  }

  private writeSysctl(node: ModelNode, key: string, value: string): void {
    node.sysctls.set(key, value)
    const [, family, owner, leaf] = PARTS.exec(key) ?? []
    const isForward = key === 'net.ipv4.ip_forward'
    if (!isForward && (owner !== 'all' || leaf === undefined || !['forwarding', 'disable_ipv6'].includes(leaf))) return
    const [where, what] = isForward ? ['net.ipv4.conf', 'forwarding'] : [family, leaf]
    if (isForward) node.sysctls.set('net.ipv4.conf.all.accept_redirects', value === '1' ? '0' : '1')
    node.sysctls.set(`${where}.default.${what}`, value)
    for (const each of node.interfaces.values()) each.sysctls.set(`${where}.*.${what}`, value)
  }

  private remove(op: ReversibleOp): void {
    switch (op.op) {
      case 'veth.add':
      case 'bridge.add':
      case 'link.add':
      case 'tun.add':
      case 'device.move':
        this.deleteInterface(op.node, op.index)
        return
      case 'sysctl.set':
      case 'node-sysctl.set':
      case 'wireguard.set':
        return
      case 'link.up':
        this.setDown(op.node, op.index)
        return
      case 'link.enslave': {
        const link = this.at(op.node, op.index)
        if (link.master === null) throw new Error('EINVAL: no master')
        link.master = null
        this.drop(op.node, (each) => each.op === 'bridge-port.set' && each.index === op.index, op.index)
        return
      }
      case 'bridge-port.set':
        this.make({ ...op, cost: 2, priority: 32, group_fwd_mask: 0 })
        return
      case 'bridge-vlan.add':
        this.dropVlan(op)
        return
      case 'bridge-vlan.delete':
        this.setVlan(op)
        return
      case 'qdisc.add':
        this.at(op.node, op.index).disciplines = []
        return
      case 'class.add':
      case 'filter.add':
        return
      case 'neighbours.add':
        for (const entry of op.entries) {
          this.remove({ op: 'neighbour.add', node: op.node, interface: op.interface, index: op.index, ...entry })
        }
        return
      default:
        this.removeEntry(op as ObservedEntry)
        return
    }
  }

  private removeEntry(op: ObservedEntry): void {
    const node = this.node(op.node)
    const found = node.entries.find((each) => entryKey(each) === entryKey(op))
    if (!found) throw new Error(`ESRCH: ${JSON.stringify(op)}`)
    if (op.op === 'address.add') {
      this.removeAddress(node, found as typeof op)
      return
    }
    node.entries = node.entries.filter((each) => each !== found)
    if (op.op === 'nexthop.add') this.dropNexthops(node, [op.nexthop.id])
  }

  private removeAddress(node: ModelNode, op: Extract<ObservedEntry, { op: 'address.add' }>): void {
    const isIpv4 = (each: ObservedEntry) => each.op === 'address.add' && each.index === op.index && each.family === 4
    const subnet = node.entries.filter(
      (each) => op.family === 4 && isIpv4(each) && 'address' in each && subnetOf(each.address) === subnetOf(op.address),
    )
    const gone = new Set<ObservedEntry>(subnet[0] === op ? subnet : [op])
    node.entries = node.entries.filter((each) => !gone.has(each))
    const hosts = [...gone].map((each) => 'address' in each && each.address.split('/')[0])
    node.entries = node.entries.filter((each) => each.op !== 'route.add' || !hosts.includes(each.source ?? ''))
    if (op.family === 6 || node.entries.some(isIpv4)) return
    this.drop(op.node, (each) => indexesOf(each).includes(op.index) && familyOf(each) === 4)
  }

  private setDown(name: string, index: number): void {
    const node = this.node(name)
    const link = this.at(name, index)
    link.up = false
    for (const vlan of this.vlansOn(node, index)) if (vlan.up) this.setDown(name, vlan.index)
    this.drop(name, (each) => {
      if (each.op === 'neighbour.add' || each.op === 'nexthop.add') return indexesOf(each).includes(index)
      return (
        each.op === 'route.add' &&
        each.nextHops.length > 0 &&
        each.nextHops.every((hop) => !node.interfaces.get(hop.index)?.up)
      )
    })
    // The other end loses its carrier.
    if (link.peer)
      this.drop(link.peer.node, (each) => each.op === 'nexthop.add' && indexesOf(each).includes(link.peer?.index ?? 0))
  }

  private deleteInterface(name: string, index: number): void {
    const node = this.node(name)
    const link = this.at(name, index)
    node.interfaces.delete(index)
    for (const each of [...node.interfaces.values()]) {
      if (STACKED.includes(each.kind) && [each.settings.parent, each.settings.dev].includes(index))
        this.deleteInterface(name, each.index)
      if (each.master === index) {
        each.master = null
        this.drop(name, (entry) => entry.op === 'bridge-port.set' && entry.index === each.index, each.index)
      }
    }
    this.drop(
      name,
      (each) =>
        indexesOf(each).includes(index) || ('index' in each && each.index === index && each.op !== 'nexthop.add'),
    )
    const peer = link.peer
    if (peer && this.nodes.get(peer.node)?.interfaces.has(peer.index)) this.deleteInterface(peer.node, peer.index)
  }

  private drop(name: string, isGone: (each: ObservedEntry) => boolean, vlansOf?: number): void {
    const node = this.nodes.get(name)
    if (!node) return
    const ids = node.entries.flatMap((each) => (each.op === 'nexthop.add' && isGone(each) ? [each.nexthop.id] : []))
    node.entries = node.entries.filter((each) => !isGone(each) && !(vlansOf !== undefined && isVlan(each, vlansOf)))
    this.dropNexthops(node, ids)
  }

  private dropNexthops(node: ModelNode, ids: readonly number[]): void {
    if (ids.length === 0) return
    const groups: number[] = []
    for (const each of node.entries) {
      if (each.op !== 'nexthop.add' || !('group' in each.nexthop)) continue
      each.nexthop.group = each.nexthop.group.filter(({ id }) => !ids.includes(id))
      if (each.nexthop.group.length === 0) groups.push(each.nexthop.id)
    }
    node.entries = node.entries.filter(
      (each) =>
        !(each.op === 'nexthop.add' && groups.includes(each.nexthop.id)) &&
        !(each.op === 'route.add' && each.nexthopId !== undefined && ids.includes(each.nexthopId)),
    )
    this.dropNexthops(node, groups)
  }

  private replace(name: string, from: ReversibleOp, to: ReversibleOp): void {
    switch (to.op) {
      case 'veth.add':
      case 'bridge.add':
      case 'link.add':
      case 'tun.add':
      case 'device.move':
        this.changeDevice(name, from as DeviceOp, to)
        return
      case 'wireguard.set':
      case 'sysctl.set':
      case 'node-sysctl.set':
      case 'bridge-port.set':
      case 'bridge-vlan.add':
        this.make(to)
        return
      default: {
        const node = this.node(to.node)
        const at = node.entries.findIndex((each) => entryKey(each) === entryKey(to as ObservedEntry))
        if (at < 0) throw new Error(`ENOENT: ${JSON.stringify(to)}`)
        node.entries[at] = structuredClone(to as ObservedEntry)
      }
    }
  }

  private changeDevice(name: string, from: DeviceOp, to: DeviceOp): void {
    const ends = to.op === 'veth.add' ? [to, to.peer] : [to]
    const node = this.node(name)
    for (const end of ends.filter((each) => each.node === name)) {
      const link = this.at(name, end.index)
      const clash = [...node.interfaces.values()].find((each) => each !== link && each.name === end.interface)
      if (clash) throw new Error(`EEXIST: ${name}:${end.interface}`)
      if (link.up && end.mac !== null && end.mac !== link.mac)
        link.mac = `${end.mac} with the link-local address of ${link.mac}`
      else link.mac = end.mac ?? link.mac
      link.name = end.interface
      link.mtu = end.mtu
      for (const each of node.entries) rename(each, end.index, end.interface)
      if (to.op === 'veth.add') link.gso = (end as VethAdd).gsoMaxSegs ?? ANY_SEGMENTS
    }
    if (to.op !== 'link.add' && to.op !== 'bridge.add') return
    const link = this.at(name, to.index)
    const indexes = to.op === 'link.add' ? to.indexes : {}
    const { kind, ...own } = to.settings ?? { kind: 'bridge' }
    if (kind === 'wireguard') return
    const references = referencesOf((to.settings ?? { kind: 'bridge' }) as never).map(({ key, name }) => [
      key,
      indexes[name],
    ])
    if (from.op === to.op)
      link.settings = defined({
        ...(kind === 'bridge' ? link.settings : {}),
        ...own,
        ...Object.fromEntries(references),
        ...firstOf(own),
      })
  }

  private vlansOn(node: ModelNode, parent: number): ModelInterface[] {
    return [...node.interfaces.values()].filter(({ kind, settings }) => kind === 'vlan' && settings.parent === parent)
  }
}

function rename(entry: ObservedEntry, index: number, name: string): void {
  if ('index' in entry && entry.index === index && 'interface' in entry) entry.interface = name
  if (entry.op === 'route.add') for (const hop of entry.nextHops) if (hop.index === index) hop.interface = name
  if (entry.op === 'nexthop.add' && entry.index === index && 'hop' in entry.nexthop) entry.nexthop.hop.interface = name
}

const target = ({ node, interface: name, index }: { node: string; interface: string; index: number }) => ({
  node,
  interface: name,
  index,
})
const firstOf = (settings: object) =>
  'remote' in settings && Array.isArray(settings.remote) ? { remote: settings.remote.slice(0, 1) } : {}
const defined = (of: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(of).filter(([key, value]) => value !== undefined && key !== 'kind'))
const isVlan = (each: ObservedEntry, index: number): each is BridgeVlanChange =>
  each.op === 'bridge-vlan.add' && each.index === index

export function leafOf(key: string): string {
  const [, family, , leaf] = PARTS.exec(key.replaceAll('/', '.')) ?? []
  return family === undefined ? key : `${family}.*.${leaf}`
}

const lengthOf = (prefix: string): number => Number(prefix.split('/')[1])
const isIn = (prefix: string, address: string): boolean =>
  subnetOf(`${address}/${lengthOf(prefix)}`) === subnetOf(prefix)

/** The interfaces without which an entry cannot be. */
function indexesOf(each: ObservedEntry): number[] {
  if (each.op === 'route.add') return each.nextHops.map(({ index }) => index)
  if (each.op === 'nexthop.add') return each.index === 0 ? [] : [each.index]
  return 'index' in each ? [each.index] : []
}

function familyOf(each: ObservedEntry): 4 | 6 | null {
  if (each.op === 'route.add') return each.family
  if (each.op === 'nexthop.add') return each.nexthop.family
  return each.op === 'neighbour.add' ? (each.address.includes(':') ? 6 : 4) : null
}

export function entryKey(each: ObservedEntry): string {
  switch (each.op) {
    case 'address.add':
      return `address ${each.index} ${each.family === 6 ? each.address.split('/')[0] : each.address}`
    case 'neighbour.add':
      return `neighbour ${each.index} ${each.address}`
    case 'route.add':
      return `route ${each.destination} ${each.table ?? 254} ${each.metric ?? (each.family === 6 ? 1024 : 0)}`
    case 'nexthop.add':
      return `nexthop ${each.nexthop.id}`
    case 'rule.add':
      return `rule ${JSON.stringify(each.rule)}`
    case 'flood.add':
      return `flood ${each.index} ${each.remote}`
    default:
      return `${each.op} ${each.index} ${'vid' in each ? each.vid : ''}`
  }
}
