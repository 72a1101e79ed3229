// The devices of a plan: those that can be made as soon as their node is there, and those that stand on others.
import { referencesOf, type SettingsFor } from '../model/interfaces/kinds.js'
import type { ResolvedInterface, ResolvedNode } from '../model/resolved.js'
import type { BridgeAdd, BridgeVlanChange, ConfigOp, DeviceMove, FloodAdd, LinkAdd, Replacement, TunAdd } from './op.js'

/**
 * Names of interfaces that wait for all others of the node: those that need another interface, such as a VLAN its parent, and
 * the members of those.
 */
export function waitingInterfaces({ interfaces }: ResolvedNode): ReadonlySet<string> {
  const waiting = new Set<string>()
  for (let size = -1; size < waiting.size; ) {
    size = waiting.size
    for (const { name, settings, master } of interfaces) {
      const refers = settings !== undefined && referencesOf(settings).length > 0
      if (refers || (master !== null && waiting.has(master))) waiting.add(name)
    }
  }
  return waiting
}

/** The operation that makes a device; null for `lo`, which is there, and for the ends of links. */
export function deviceAdd(
  node: ResolvedNode,
  { name, kind, index, mac, mtu, settings }: ResolvedInterface,
): BridgeAdd | LinkAdd | TunAdd | DeviceMove | null {
  const common = { node: node.name, interface: name, index, mac, mtu }
  if (kind === 'bridge') {
    return { op: 'bridge.add', ...common, ...(settings ? { settings: settings as SettingsFor<'bridge'> } : {}) }
  }
  if (kind === 'tun' || kind === 'tap') return { op: 'tun.add', ...common, mode: kind }
  if (!settings) return null
  if (settings.kind === 'device') return { op: 'device.move', ...common, device: settings.device }
  return {
    op: 'link.add',
    ...common,
    settings: settings as LinkAdd['settings'],
    indexes: indexesOf(node, settings as LinkAdd['settings']),
  }
}

function indexesOf({ interfaces }: ResolvedNode, settings: LinkAdd['settings']): Record<string, number> {
  const named = referencesOf(settings).map(({ name }) => name)
  return Object.fromEntries(interfaces.flatMap(({ name, index }) => (named.includes(name) ? [[name, index]] : [])))
}

/** Settings and VLANs of bridge ports, and further remotes of VXLANs: configuration of a device once it and its members are there. */
export function* deviceDetails(node: ResolvedNode): Generator<ConfigOp> {
  for (const { name, index, settings, ports = [], vlans = [] } of node.interfaces) {
    for (const port of ports)
      yield { op: 'bridge-port.set', node: node.name, index: indexOf(node, port.interface), ...port }
    for (const port of vlans) yield* portVlans(node, name, port)
    // The first remote is given when the device is made.
    const more = settings?.kind === 'vxlan' ? settings.remote.slice(1) : []
    for (const remote of more) yield { op: 'flood.add', node: node.name, interface: name, index, remote } as FloodAdd
  }
}

/**
 * The MTUs of bridges that have not the least one of their ports. A bridge takes that on when a port joins, unless its MTU was changed after
 * it was made (br_mtu_auto_adjust and br_change_mtu in net/bridge): to make it with an MTU is no change.
 */
export function bridgeMtus(node: ResolvedNode): Replacement[] {
  return node.interfaces.flatMap((each): Replacement[] => {
    const to = each.kind === 'bridge' ? deviceAdd(node, each) : null
    const ports = node.interfaces.flatMap(({ master, mtu }) => (master === each.name ? [mtu] : []))
    const least = Math.min(...ports)
    if (to === null || ports.length === 0 || least === to.mtu) return []
    return [{ op: 'replace', node: node.name, from: { ...to, mtu: least }, to }]
  })
}

const indexOf = ({ interfaces }: ResolvedNode, name: string): number =>
  interfaces.find((each) => each.name === name)?.index ?? 0

function* portVlans(
  node: ResolvedNode,
  bridge: string,
  port: NonNullable<ResolvedInterface['vlans']>[number],
): Generator<BridgeVlanChange> {
  const { interface: name, without, untagged, tagged } = port
  const common = { node: node.name, interface: name, index: indexOf(node, name), self: name === bridge }
  if (without !== null) yield { op: 'bridge-vlan.delete', ...common, vid: without, untagged: false }
  if (untagged !== null) yield { op: 'bridge-vlan.add', ...common, vid: untagged, untagged: true }
  for (const vid of tagged) yield { op: 'bridge-vlan.add', ...common, vid, untagged: false }
}
