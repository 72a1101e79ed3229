// The interfaces of every node: its loopback, the bridge of a switch, the ends of its links, then the interfaces that are
// written under `interfaces`, each with its name, index, MAC address, MTU and addresses.
import { BRIDGE_INDEX, FIRST_LINK_INDEX, LOOPBACK_INDEX } from '../../model/ifindexes.js'
import { TRAITS } from '../../model/interfaces/kinds.js'
import type { ResolvedInterface } from '../../model/resolved.js'
import type { InterfaceAddresses } from '../addresses/interface-addresses.js'
import type { Faults } from '../source/faults.js'
import type { Topology } from '../source/topology.js'
import { formatAddress, type Prefix } from '../values/prefix.js'
import { ComputedMacs } from '../wiring/computed-macs.js'
import { bridgeMtu, mtuOf, writtenMacs } from '../wiring/end-settings.js'
import { BRIDGE_NAME, endpointOf, type WiredEnd } from '../wiring/wire-links.js'
import type { Wiring } from '../wiring/wiring.js'
import { addDevices } from './devices.js'

/**
 * Lists by node: `lo`, the bridge of a switch, the ends of links in order of appearance, then those under `interfaces`, each after
 * the ones that it stands on.
 */
export function resolveInterfaces(
  topology: Topology,
  { links, stacks, segments }: Wiring,
  addresses: InterfaceAddresses,
  faults: Faults,
): ReadonlyMap<string, ResolvedInterface[]> {
  const written = writtenMacs(topology, links)
  const source = new ComputedMacs(written.values())
  const addressesOf = (node: string, name: string) => addressTexts(addresses.of(node, name))
  const macOf = (node: string, name: string) => written.get(`${node}:${name}`) ?? source.of(`${node}:${name}`)
  const interfaces = new Map(
    [...topology.nodes].map(([node, { kind }]) => {
      const own = [loopback(addressTexts(addresses.of(node, 'lo')))]
      if (kind === 'switch') {
        const bridgeOf = bridge(macOf(node, BRIDGE_NAME), bridgeMtu(topology, links, node))
        own.push({ ...bridgeOf, addresses: addressesOf(node, BRIDGE_NAME) })
      }
      return [node, own]
    }),
  )
  links.forEach((link, position) => {
    link.ends.forEach((end, side) => {
      interfaces.get(end.node)?.push({
        name: end.interface,
        kind: 'veth',
        index: FIRST_LINK_INDEX + 2 * position + side,
        mac: macOf(end.node, end.interface),
        mtu: mtuOf(topology, link, end),
        master: topology.nodes.get(end.node)?.kind === 'switch' ? BRIDGE_NAME : null,
        peer: endpointOf(link.ends[1 - side] as WiredEnd),
        addresses: addressTexts(addresses.of(end.node, end.interface)),
      })
    })
  })
  addDevices(interfaces, { topology, links, stacks, segments, addresses, macOf, addressesOf }, faults)
  return interfaces
}

const loopback = (addresses: string[]): ResolvedInterface => ({
  name: 'lo',
  kind: 'loopback',
  index: LOOPBACK_INDEX,
  mac: null,
  mtu: TRAITS.loopback.mtu,
  master: null,
  peer: null,
  addresses,
})

const bridge = (mac: string, mtu: number): ResolvedInterface => ({
  name: BRIDGE_NAME,
  kind: 'bridge',
  index: BRIDGE_INDEX,
  mac,
  mtu,
  master: null,
  peer: null,
  addresses: [],
})

const addressTexts = (prefixes: readonly Prefix[]): string[] =>
  prefixes
    .toSorted((a, b) => a.family - b.family)
    .map(({ family, address, length }) => `${formatAddress(family, address)}/${length}`)
