// Resolves `interfaces` of every node: gives each interface an index, a MAC address, an MTU and settings.

import { FIRST_DEVICE_INDEX } from '../../model/ifindexes.js'
import { type DeviceSettings, type SettingsFor, TRAITS } from '../../model/interfaces/kinds.js'
import type { PortVlans } from '../../model/interfaces/masters.js'
import type { ResolvedInterface } from '../../model/resolved.js'
import type { InterfaceAddresses } from '../addresses/interface-addresses.js'
import type { Device, WrittenDevice } from '../schema/interfaces/interfaces.js'
import type { Faults } from '../source/faults.js'
import type { Topology } from '../source/topology.js'
import { Identities } from '../wiring/identities.js'
import type { NodeStack, Stacks } from '../wiring/node-stack.js'
import { DEFAULT_PVID, filtersVlans } from '../wiring/planes.js'
import type { Segment } from '../wiring/segments.js'
import type { WiredLink } from '../wiring/wire-links.js'
import { refuseMtu } from './device-limits.js'
import { DeviceMtus } from './device-mtu.js'
import { stretchedMtus } from './stretched-mtu.js'
import { TunnelEndFinder, type TunnelEnds } from './tunnel-ends.js'
import { WireguardPeers } from './wireguard-peers.js'

/** Seconds. With the kernel's 15, the first packet would wait for half a minute. */
const STP_FORWARD_DELAY = 2

/** The results of earlier stages. */
export interface DeviceContext {
  topology: Topology
  links: readonly WiredLink[]
  stacks: Stacks
  segments: readonly Segment[]
  addresses: InterfaceAddresses
  /** The MAC address that is computed from the name of an interface. */
  macOf: (node: string, name: string) => string
  addressesOf: (node: string, name: string) => string[]
}

/**
 * Adds the interfaces under `interfaces` to those of each node, and sets the master of every member. An interface comes after
 * those that it stands on.
 */
export function addDevices(
  interfaces: ReadonlyMap<string, ResolvedInterface[]>,
  context: DeviceContext,
  faults: Faults,
): void {
  for (const [node, stack] of context.stacks) addWithoutSettings(interfaces.get(node) ?? [], node, stack, context)
  const finder = new TunnelEndFinder(context.topology, context.addresses, interfaces, faults)
  const identities = new Identities(faults)
  const ends = endsOf(context, finder)
  const peers = new WireguardPeers(context.topology, context.stacks, context.addresses, interfaces, faults)
  const isOverIpv6 = (device: WrittenDevice) => ends.get(device)?.remotes[0]?.includes(':') ?? false
  const mtus = mtusOf(context, isOverIpv6)
  setStretchedMtus(interfaces, context.segments, mtus)
  for (const [node, stack] of context.stacks) {
    const all = interfaces.get(node) ?? []
    for (const [name, device] of stack.devices) {
      const own = all.find((each) => each.name === name)
      if (!own) continue
      own.settings =
        device.kind === 'wireguard' ? peers.settingsOf(node, name) : settingsOf(device, ends.get(device) as TunnelEnds)
      own.mtu = mtus(node, name)
      refuseMtu(node, own, device, all, faults)
      if (device.kind !== 'bridge') continue
      const vlans = vlansOf(name, device, stack, node, faults)
      if (vlans.length > 0) own.vlans = vlans
      const ports = Object.entries(device.ports).map(([port, settings]) => ({ interface: port, ...settings }))
      refuseStrangers(name, Object.keys(device.ports), 'ports', stack, node, faults)
      if (ports.length > 0) own.ports = ports
    }
    // The others were checked as they are written (read-stacks.ts): only tunnels have addresses to be resolved first.
    identities.check(
      node,
      all.flatMap(({ name, settings }) => (settings && 'remote' in settings ? [[name, settings] as const] : [])),
    )
    for (const each of all) if (!hasCarrier(each, all)) each.carrier = false
  }
}

type MtuOf = (node: string, name: string) => number

function mtusOf(
  { topology, links, stacks, segments }: DeviceContext,
  isOverIpv6: (device: WrittenDevice) => boolean,
): MtuOf {
  const mtus = new DeviceMtus(topology, links, stacks)
  const stretched = stretchedMtus(topology, segments, (node, name) => mtus.of(node, name, isOverIpv6))
  const all = stretched.tunnels.size === 0 ? mtus : new DeviceMtus(topology, links, stacks, stretched)
  return (node, name) => all.of(node, name, isOverIpv6)
}

/** Sets the MTU of the ends of links that tunnels stretch, and of the switches there. */
function setStretchedMtus(
  interfaces: ReadonlyMap<string, ResolvedInterface[]>,
  segments: readonly Segment[],
  mtuOf: MtuOf,
): void {
  const ends = segments.flatMap(({ tunnels, links }) =>
    tunnels.length === 0 ? [] : links.flatMap((link) => link.ends),
  )
  for (const { node, interface: name } of ends) {
    for (const own of interfaces.get(node) ?? []) {
      if (own.name === name || own.kind === 'bridge') own.mtu = mtuOf(node, own.name)
    }
  }
}

const endsOf = ({ stacks }: DeviceContext, finder: TunnelEndFinder): Map<WrittenDevice, TunnelEnds> =>
  new Map(
    [...stacks].flatMap(([node, { devices }]) =>
      [...devices].map(([name, device]) => [device, finder.of(node, ['nodes', node, 'interfaces', name], device)]),
    ),
  )

/** Settings come later, when all interfaces are there: they can refer to the address of any interface in the lab. */
function addWithoutSettings(
  own: ResolvedInterface[],
  node: string,
  { devices, masters }: NodeStack,
  context: DeviceContext,
): void {
  const taken = new Set(own.map(({ index }) => index))
  let next = FIRST_DEVICE_INDEX
  for (const [name, { kind, up }] of devices) {
    const there = own.find((each) => each.name === name)
    if (there) {
      // The bridge of a switch is there already.
      there.mac = macFor(node, name, devices.get(name) as WrittenDevice, context, there.mac)
      if (!up) there.up = false
      continue
    }
    while (taken.has(next)) next++
    taken.add(next)
    own.push({
      name,
      kind,
      index: next,
      mac: macFor(node, name, devices.get(name) as WrittenDevice, context),
      mtu: 0,
      master: null,
      peer: null,
      addresses: context.addressesOf(node, name),
      ...(up ? {} : { up: false as const }),
    })
  }
  for (const each of own) each.master = masters.get(each.name)?.name ?? each.master
}

/** The written MAC address, else a computed one if the kind has such. @param computed the one that it has already */
function macFor(
  node: string,
  name: string,
  device: WrittenDevice,
  { macOf }: DeviceContext,
  computed: string | null = null,
): string | null {
  if ('mac' in device && device.mac !== undefined) return device.mac.toLowerCase()
  return TRAITS[device.kind].mac === 'computed' ? (computed ?? macOf(node, name)) : null
}

/** Keys under `interfaces` that are resolved apart from the settings of the kind. */
type CommonKey = 'addresses' | 'mac' | 'mtu' | 'up' | 'members' | 'ports' | 'vlans'
/** Keys that are neither common nor settings of their kind. There must be none. */
type StrayKey = {
  [K in WrittenDevice['kind']]: Exclude<keyof Device<K>, CommonKey | keyof SettingsFor<K>>
}[WrittenDevice['kind']]

/** Does not compile with a key that `SettingsFor` of its kind does not have. */
function settingsOf(
  device: [StrayKey] extends [never] ? WrittenDevice : StrayKey,
  { remotes, local }: TunnelEnds,
): DeviceSettings {
  const { addresses, mac, mtu, up, members, ports, vlans, ...own } = device as Device<'bridge'>
  const defaultTtl = TRAITS[device.kind].encapsulation?.ttl ?? null
  const withEnds = {
    ...(defaultTtl === null ? {} : { ttl: defaultTtl }),
    ...own,
    ...('remote' in device ? { remote: device.kind === 'vxlan' ? remotes : remotes[0] } : {}),
    ...(local === undefined ? {} : { local }),
  }
  if (device.kind === 'bridge') {
    const delay = device.forward_delay ?? (device.stp ? STP_FORWARD_DELAY : undefined)
    const filtering = device.vlan_filtering ?? (filtersVlans(device) ? true : undefined)
    return {
      ...withEnds,
      ...(delay === undefined ? {} : { forward_delay: delay }),
      ...(filtering === undefined ? {} : { vlan_filtering: filtering }),
    } as DeviceSettings
  }
  return withEnds as unknown as DeviceSettings
}

/** Refuses settings of interfaces that are no ports of a bridge. */
function refuseStrangers(
  bridge: string,
  ports: readonly string[],
  key: 'ports' | 'vlans',
  { masters }: NodeStack,
  node: string,
  faults: Faults,
): void {
  for (const port of ports) {
    if (masters.get(port)?.name === bridge) continue
    faults.add(['nodes', node, 'interfaces', bridge, key, port], `${port} is no port of ${bridge}`, 'key')
  }
}

/** The VLANs of each port, as changes to the VLANs that the kernel gives a new port. */
function vlansOf(name: string, bridge: Device<'bridge'>, stack: NodeStack, node: string, faults: Faults): PortVlans[] {
  const pvid = bridge.default_pvid ?? DEFAULT_PVID
  const others = Object.keys(bridge.vlans).filter((port) => port !== name)
  refuseStrangers(name, others, 'vlans', stack, node, faults)
  return Object.entries(bridge.vlans).map(([port, { untagged, tagged }]) => {
    const path = ['nodes', node, 'interfaces', name, 'vlans', port]
    tagged.forEach((vlan, index) => {
      if (vlan === untagged || tagged.indexOf(vlan) < index) {
        faults.add([...path, 'tagged', index], `VLAN ${vlan} is there already`)
      }
    })
    const isWithout = pvid !== 0 && untagged !== pvid && !tagged.includes(pvid)
    return { interface: port, without: isWithout ? pvid : null, untagged: untagged ?? null, tagged }
  })
}

/** Whether an interface will be running once it is up. */
function hasCarrier(each: ResolvedInterface, all: readonly ResolvedInterface[], depth = 0): boolean {
  if (depth > all.length) return false
  const isThere = (other: ResolvedInterface) => other.up !== false && hasCarrier(other, all, depth + 1)
  switch (TRAITS[each.kind].carrier) {
    case 'always':
      return true
    case 'outside':
      return false
    case 'members':
      return all.some((other) => other.master === each.name && isThere(other))
    case 'parent': {
      const { settings } = each
      return all.some((other) => settings && 'parent' in settings && other.name === settings.parent && isThere(other))
    }
  }
}
