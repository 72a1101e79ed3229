// From `interfaces` as written to interfaces with an index, a MAC address, an MTU and settings.

import { TRAITS } from '../../model/interface-kinds.js'
import type { DeviceSettings, PortVlans, SettingsFor } from '../../model/interface-settings.js'
import type { ResolvedInterface } from '../../model/resolved.js'
import type { AddressPlan } from '../addresses/interface-addresses.js'
import type { Device, WrittenDevice } from '../schema/interfaces/interfaces.js'
import type { Faults } from '../source/faults.js'
import type { Topology } from '../source/topology.js'
import type { NodeStack, Stacks } from '../wiring/node-stack.js'
import type { WiredLink } from '../wiring/wire-links.js'
import { Identities, refuseMtu } from './device-limits.js'
import { DeviceMtus } from './device-mtu.js'
import { EndFinder, type TunnelEnds } from './tunnel-ends.js'
import { WireguardPeers } from './wireguard-peers.js'

/** Above those that the kernel gives of itself, such as to the fallback device of a tunnel's kind. */
const FIRST_INDEX = 17
const DEFAULT_PVID = 1
/** Seconds; with more, the first packet would wait for half a minute. */
const STP_FORWARD_DELAY = 2

/** What of the topology is known by then. */
export interface Known {
  topology: Topology
  links: readonly WiredLink[]
  stacks: Stacks
  plan: AddressPlan
  /** Stays the same for a name; null for an interface that has none of its own. */
  macOf: (node: string, name: string) => string
  addressesOf: (node: string, name: string) => string[]
}

/** Adds every node's devices to its interfaces, what others stand on first, and tells members their masters. */
export function addDevices(interfaces: ReadonlyMap<string, ResolvedInterface[]>, known: Known, faults: Faults): void {
  for (const [node, stack] of known.stacks) addUnsettled(interfaces.get(node) ?? [], node, stack, known)
  const finder = new EndFinder(known.topology, known.plan, interfaces, faults)
  const identities = new Identities(faults)
  const mtus = new DeviceMtus(known.topology, known.links, known.stacks)
  const ends = endsOf(known, finder)
  const peers = new WireguardPeers(known.topology, known.stacks, known.plan, interfaces, faults)
  const isOverIpv6 = (device: WrittenDevice) => ends.get(device)?.remotes[0]?.includes(':') ?? false
  for (const [node, stack] of known.stacks) {
    const all = interfaces.get(node) ?? []
    for (const [name, device] of stack.devices) {
      const own = all.find((each) => each.name === name)
      if (!own) continue
      own.settings =
        device.kind === 'wireguard' ? peers.settingsOf(node, name) : settingsOf(device, ends.get(device) as TunnelEnds)
      own.mtu = mtus.of(node, name, isOverIpv6)
      refuseMtu(node, own, device, all, faults)
      if (device.kind !== 'bridge') continue
      const vlans = vlansOf(name, device, stack, node, faults)
      if (vlans.length > 0) own.vlans = vlans
    }
    identities.check(node, all)
    for (const each of all) if (!hasCarrier(each, all)) each.carrier = false
  }
}

const endsOf = ({ stacks }: Known, finder: EndFinder): Map<WrittenDevice, TunnelEnds> =>
  new Map(
    [...stacks].flatMap(([node, { devices }]) =>
      [...devices].map(([name, device]) => [device, finder.of(node, ['nodes', node, 'interfaces', name], device)]),
    ),
  )

/** Each without settings, since those may refer to addresses of any other. */
function addUnsettled(own: ResolvedInterface[], node: string, { devices, masters }: NodeStack, known: Known): void {
  const taken = new Set(own.map(({ index }) => index))
  let next = FIRST_INDEX
  for (const [name, { kind, up }] of devices) {
    const there = own.find((each) => each.name === name)
    if (there) {
      // A switch's bridge.
      there.mac = macFor(node, name, devices.get(name) as WrittenDevice, known, there.mac)
      if (!up) there.up = false
      continue
    }
    while (taken.has(next)) next++
    taken.add(next)
    own.push({
      name,
      kind,
      index: next,
      mac: macFor(node, name, devices.get(name) as WrittenDevice, known),
      mtu: 0,
      master: null,
      peer: null,
      addresses: known.addressesOf(node, name),
      ...(up ? {} : { up: false as const }),
    })
  }
  for (const each of own) each.master = masters.get(each.name)?.name ?? each.master
}

/** What stands on another interface has its address, unless it must differ. */
function macFor(
  node: string,
  name: string,
  device: WrittenDevice,
  { macOf }: Known,
  computed: string | null = null,
): string | null {
  if ('mac' in device && device.mac !== undefined) return device.mac.toLowerCase()
  return TRAITS[device.kind].mac === 'computed' ? (computed ?? macOf(node, name)) : null
}

/** Keys under `interfaces` that are resolved apart from the settings of the kind. */
type CommonKey = 'addresses' | 'mac' | 'mtu' | 'up' | 'members' | 'vlans'
/** Keys that are neither common nor settings of their kind. There must be none. */
type StrayKey = {
  [K in WrittenDevice['kind']]: Exclude<keyof Device<K>, CommonKey | keyof SettingsFor<K>>
}[WrittenDevice['kind']]

/** Does not compile with a key that `SettingsFor` of its kind does not have. */
function settingsOf(
  device: [StrayKey] extends [never] ? WrittenDevice : StrayKey,
  { remotes, local }: TunnelEnds,
): DeviceSettings {
  const { addresses, mac, mtu, up, members, vlans, ...own } = device as Device<'bridge'>
  const withEnds = {
    ...own,
    ...('remote' in device ? { remote: device.kind === 'vxlan' ? remotes : remotes[0] } : {}),
    ...(local === undefined ? {} : { local }),
  }
  if (device.kind === 'bridge') {
    const delay = device.forward_delay ?? (device.stp ? STP_FORWARD_DELAY : undefined)
    const filtering = device.vlan_filtering ?? (Object.keys(device.vlans).length > 0 ? true : undefined)
    return {
      ...withEnds,
      ...(delay === undefined ? {} : { forward_delay: delay }),
      ...(filtering === undefined ? {} : { vlan_filtering: filtering }),
    } as DeviceSettings
  }
  return withEnds as unknown as DeviceSettings
}

/** What is asked of each port, in contrast to what the kernel gives it by itself. */
function vlansOf(
  name: string,
  bridge: Device<'bridge'>,
  { masters }: NodeStack,
  node: string,
  faults: Faults,
): PortVlans[] {
  const pvid = bridge.default_pvid ?? DEFAULT_PVID
  return Object.entries(bridge.vlans).map(([port, { untagged, tagged }]) => {
    const path = ['nodes', node, 'interfaces', name, 'vlans', port]
    if (port !== name && masters.get(port)?.name !== name) {
      faults.add(path, `${port} is no port of ${name}`, 'key')
    }
    tagged.forEach((vlan, index) => {
      if (vlan === untagged || tagged.indexOf(vlan) < index) {
        faults.add([...path, 'tagged', index], `VLAN ${vlan} is there already`)
      }
    })
    const isWithout = pvid !== 0 && untagged !== pvid && !tagged.includes(pvid)
    return { interface: port, without: isWithout ? pvid : null, untagged: untagged ?? null, tagged }
  })
}

/** Whether something will be at the other end, so that it can run. */
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
