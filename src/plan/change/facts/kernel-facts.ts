// The facts that the kernel has, from what was read of it. Pure.
import { referencesOf } from '../../../model/interfaces/kinds.js'
import { FIRST_WIRE_INDEX, WIRE_MTU, WIRE_NODE, wireNames } from '../../emulation/links.js'
import type { LinkAdd, VethAdd } from '../../op.js'
import { VETH_QUEUES } from '../../veths.js'
import type { ObservedEntry, ObservedInterface, ObservedNode } from '../observed.js'
import { type FactOp, type Facts, factOf, placeKey } from './fact.js'
import { firstRemote, type PlainSettings, written } from './settings.js'

/** The most segments that the kernel lets a packet have (GSO_MAX_SEGS in linux/netdevice.h): its default. */
export const ANY_SEGMENTS = 65_535

/** The VLAN that the kernel gives each port of a bridge. */
export const DEFAULT_PVID = 1

/** Devices that the kernel makes by itself in each network namespace. */
const FALLBACKS = /^(?:tunl0|gre0|gretap0|erspan0|sit0|ip6tnl0|ip6gre0|ip_vti0|ip6_vti0)$/

/** The interfaces of a node that somebody made. */
export const interfacesOf = ({ interfaces }: ObservedNode): ObservedInterface[] =>
  interfaces.filter(({ index, name, kind }) => index === 1 || kind === 'loopback' || !FALLBACKS.test(name))

/**
 * @param nodes without the entries of those that are in the network of another one
 * @param ports bridge ports whose VLANs a topology has, as `placeKey` has them; others have the kernel's own beside those that are told
 * @param only names of the nodes whose facts these are; absent: all
 */
export function kernelFacts(
  nodes: readonly ObservedNode[],
  ports: ReadonlySet<string>,
  only?: ReadonlySet<string>,
): Facts {
  const facts: Facts = new Map()
  const places = new Map(nodes.map((node) => [node.name, new Map(node.interfaces.map((each) => [each.index, each]))]))
  const add = (op: FactOp): void => {
    const fact = factOf(op)
    if (!facts.has(fact.key)) facts.set(fact.key, fact)
  }
  for (const node of nodes) {
    if (only && !only.has(node.name)) continue
    for (const [key, value] of Object.entries(node.sysctls)) add({ op: 'node-sysctl.set', node: node.name, key, value })
    for (const each of interfacesOf(node)) for (const op of opsOf(node, each, places)) add(op)
    for (const op of node.entries) if (!isDefault(node, op, ports)) add(op)
  }
  return facts
}

type ByPlace = ReadonlyMap<string, ReadonlyMap<number, ObservedInterface>>

function* opsOf(node: ObservedNode, each: ObservedInterface, places: ByPlace): Generator<FactOp> {
  const target = { node: node.name, interface: each.name, index: each.index }
  if (each.kind !== 'loopback') yield deviceOf(node, each, places)
  if (each.master !== null) {
    const name = nameOf(node, each.master)
    yield { op: 'link.enslave', ...target, master: { interface: name, index: each.master } }
  }
  if (each.wireguard) yield { op: 'wireguard.set', ...target, settings: each.wireguard }
  for (const [key, value] of Object.entries(each.sysctls)) yield { op: 'sysctl.set', ...target, key, value }
  if (each.up) yield { op: 'link.up', ...target }
}

export function deviceOf(node: ObservedNode, each: ObservedInterface, places: ByPlace): FactOp {
  const { index, name, kind, mac, mtu, gsoMaxSegs } = each
  const common = { node: node.name, interface: name, index, mac, mtu }
  if (kind === 'bridge') return { op: 'bridge.add', ...common, settings: { kind, ...written(each.settings ?? {}) } }
  if (kind === 'tun' || kind === 'tap') return { op: 'tun.add', ...common, mode: kind }
  if (kind === 'device') return { op: 'device.move', ...common, device: name }
  const peer = kind === 'veth' ? peerOf(each, places) : null
  if (peer) return { op: 'veth.add', ...common, queues: VETH_QUEUES, gsoMaxSegs, peer }
  const settings = namedSettings(node, kind, each.settings ?? {})
  const named = referencesOf(settings as never)
  const indexes = Object.fromEntries(named.map(({ key, name: to }) => [to, each.settings?.[key] as number]))
  // A kind that no topology has can be removed, but not made again.
  return { op: 'link.add', ...common, settings: settings as LinkAdd['settings'], indexes }
}

function peerOf({ peer }: ObservedInterface, places: ByPlace): VethAdd['peer'] | null {
  if (peer === null) return null
  if (peer.node === WIRE_NODE) {
    const number = peer.index - FIRST_WIRE_INDEX
    const name = wireNames(number >> 1)[number % 2] as string
    return { node: WIRE_NODE, interface: name, index: peer.index, mac: null, mtu: WIRE_MTU }
  }
  const end = places.get(peer.node)?.get(peer.index)
  if (!end) return null
  const { name, index, mac, mtu, gsoMaxSegs } = end
  return { node: peer.node, interface: name, index, mac, mtu, gsoMaxSegs }
}

/** The settings with names of interfaces in place of ifindexes. */
function namedSettings(node: ObservedNode, kind: string, settings: PlainSettings): PlainSettings & { kind: string } {
  const named = ['parent', 'dev', 'primary'].flatMap((key) => {
    const index = settings[key]
    return typeof index === 'number' && index !== 0 ? [[key, nameOf(node, index)]] : [[key, undefined]]
  })
  const remote = kind === 'vxlan' && typeof settings.remote === 'string' ? { remote: [settings.remote] } : {}
  return { kind, ...written({ ...settings, ...Object.fromEntries(named), ...remote }) }
}

const nameOf = ({ interfaces }: ObservedNode, index: number): string =>
  interfaces.find((each) => each.index === index)?.name ?? String(index)

/** What the kernel makes by itself: the first remote of a VXLAN, which is a setting of the device, and the first VLAN of a port. */
export function isDefault({ interfaces }: ObservedNode, op: ObservedEntry, ports: ReadonlySet<string>): boolean {
  if (op.op === 'bridge-vlan.add') {
    if (ports.has(placeKey(op))) return false
    const port = interfaces.find(({ index }) => index === op.index)
    const bridge = op.self ? port : interfaces.find(({ index }) => index === port?.master)
    return op.vid === (bridge?.settings?.default_pvid ?? DEFAULT_PVID)
  }
  if (op.op !== 'flood.add') return false
  const settings = interfaces.find(({ index }) => index === op.index)?.settings ?? {}
  return { ...settings, ...firstRemote(settings) }.remote === op.remote
}
