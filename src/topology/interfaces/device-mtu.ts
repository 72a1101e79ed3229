// The MTU of an interface under `interfaces` for which none is written: what fits through the interface below it, less the
// headers that it adds.

import { referencesOf, TRAITS } from '../../model/interfaces/kinds.js'
import type { Encapsulation } from '../../model/interfaces/traits.js'
import { DEFAULT_MTU } from '../../model/interfaces/traits.js'
import type { WrittenDevice } from '../schema/interfaces/interfaces.js'
import type { Topology } from '../source/topology.js'
import { interfaceKey } from '../values/interface-key.js'
import { mtuOf } from '../wiring/end-settings.js'
import type { Stacks } from '../wiring/node-stack.js'
import type { WiredLink } from '../wiring/wire-links.js'
import type { StretchedMtus } from './stretched-mtu.js'

const IPV4_HEADER = 20
const IPV6_HEADER = 40

export class DeviceMtus {
  /** MTU of the ends of links, by `NODE:INTERFACE`. */
  private readonly ofEnds = new Map<string, number>()
  /** The smallest MTU of the ends of links, by node. */
  private readonly smallest = new Map<string, number>()

  constructor(
    topology: Topology,
    links: readonly WiredLink[],
    private readonly stacks: Stacks,
    private readonly stretched: StretchedMtus = { most: new Map(), tunnels: new Map() },
  ) {
    for (const link of links) {
      for (const end of link.ends) {
        const { node, interface: name } = end
        const mtu = this.atMost(node, name, mtuOf(topology, link, end))
        this.ofEnds.set(`${node}:${name}`, mtu)
        this.smallest.set(node, Math.min(mtu, this.smallest.get(node) ?? mtu))
      }
    }
  }

  /** @param isOverIpv6 whether a tunnel's outer header is IPv6's */
  of(node: string, name: string, isOverIpv6: (device: WrittenDevice) => boolean): number {
    const end = this.ofEnds.get(`${node}:${name}`)
    if (end !== undefined) return end
    const device = this.stacks.get(node)?.devices.get(name)
    return device?.mtu ?? this.atMost(node, name, this.computed(node, name, device, isOverIpv6))
  }

  private atMost(node: string, name: string, mtu: number): number {
    const key = interfaceKey(node, name)
    return this.stretched.tunnels.get(key) ?? Math.min(mtu, this.stretched.most.get(key) ?? mtu)
  }

  private computed(
    node: string,
    name: string,
    device: WrittenDevice | undefined,
    isOverIpv6: (device: WrittenDevice) => boolean,
  ): number {
    const below = (lower: string | undefined) =>
      lower === undefined ? (this.smallest.get(node) ?? DEFAULT_MTU) : this.of(node, lower, isOverIpv6)
    const ofMembers = () => {
      const members = this.membersOf(node, name)
      return members.length === 0 ? DEFAULT_MTU : Math.min(...members.map(below))
    }
    // The bridge of a switch can be without an entry under `interfaces`.
    if (!device) return ofMembers()
    const { mtu, encapsulation } = TRAITS[device.kind]
    if (typeof mtu === 'number') return mtu
    if (mtu !== 'below') return ofMembers()
    const lower = referencesOf(device).find(({ to }) => to !== 'member')
    return below(lower?.name) - (encapsulation ? headersOf(encapsulation, device, isOverIpv6) : 0)
  }

  private membersOf(node: string, name: string): string[] {
    const masters = this.stacks.get(node)?.masters ?? []
    return [...masters].flatMap(([member, master]) => (master.name === name ? [member] : []))
  }
}

/** Bytes of the outer IP header and of everything between it and the packet that is carried. */
function headersOf(
  { family, headers }: Encapsulation,
  device: WrittenDevice,
  isOverIpv6: (device: WrittenDevice) => boolean,
): number {
  // A WireGuard peer may come to be reached over IPv6, so there must be room for its header.
  const isIpv6 = family === 'remote' ? isOverIpv6(device) : family !== 4
  return (isIpv6 ? IPV6_HEADER : IPV4_HEADER) + headers(device)
}
