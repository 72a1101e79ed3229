// The MTU of a device where none is written: what fits through what is below it, less the headers it adds.

import type { DeviceKind } from '../../model/interface-settings.js'
import type { WrittenDevice } from '../schema/interfaces/interfaces.js'
import type { Topology } from '../source/topology.js'
import { mtuOf } from '../wiring/end-settings.js'
import type { Stacks } from '../wiring/node-stack.js'
import type { WiredLink } from '../wiring/wiring.js'

const DEFAULT_MTU = 1500
const VRF_MTU = 65_536
/** Bytes of the headers of each kind, over IPv4 and over IPv6. */
const ETHERNET = 14
const UDP_TUNNEL = 8 + 8 + ETHERNET
const IPV4 = 20
const IPV6 = 40
/** Its own and UDP's, of a packet of data with its tag; over IPv6, since a peer may come to be there. */
const WIREGUARD = IPV6 + 8 + 16 + 16
/** The destination option that limits tunnels within tunnels (RFC 2473 section 4.1.1). */
const ENCAP_LIMIT = 8
const GRE = 4
const OVERHEAD: Partial<Record<DeviceKind, number>> = {
  gre: IPV4 + GRE,
  gretap: IPV4 + GRE + ETHERNET,
  ip6gre: IPV6 + ENCAP_LIMIT + GRE,
  ip6gretap: IPV6 + ENCAP_LIMIT + GRE + ETHERNET,
  ipip: IPV4,
  sit: IPV4,
  ip6tnl: IPV6 + ENCAP_LIMIT,
}
const KEY = 4

export class DeviceMtus {
  /** Of the ends of links, by `NODE:INTERFACE`. */
  private readonly ofEnds = new Map<string, number>()
  private readonly smallest = new Map<string, number>()

  constructor(
    topology: Topology,
    links: readonly WiredLink[],
    private readonly stacks: Stacks,
  ) {
    for (const link of links) {
      for (const end of link.ends) {
        const { node, interface: name } = end
        const mtu = mtuOf(topology, link, end)
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
    if (device?.mtu !== undefined) return device.mtu
    const below = (lower: string | undefined) =>
      lower === undefined ? (this.smallest.get(node) ?? DEFAULT_MTU) : this.of(node, lower, isOverIpv6)
    const ofMembers = () => {
      const members = this.membersOf(node, name)
      return members.length === 0 ? DEFAULT_MTU : Math.min(...members.map(below))
    }
    // A switch's bridge that is not written.
    if (!device) return ofMembers()
    switch (device.kind) {
      case 'vlan':
      case 'macvlan':
      case 'ipvlan':
        return below(device.parent)
      case 'bridge':
      case 'bond':
        return ofMembers()
      case 'vrf':
        return VRF_MTU
      case 'vxlan':
      case 'geneve': {
        const dev = device.kind === 'vxlan' ? device.dev : undefined
        return below(dev) - UDP_TUNNEL - (isOverIpv6(device) ? IPV6 : IPV4)
      }
      case 'wireguard':
        return below(undefined) - WIREGUARD
      default: {
        const overhead = OVERHEAD[device.kind]
        if (overhead === undefined) return DEFAULT_MTU
        const { dev, key } = device as { dev?: string; key?: number }
        return below(dev) - overhead - (key === undefined ? 0 : KEY)
      }
    }
  }

  /** Of a switch's bridge, too. */
  private membersOf(node: string, name: string): string[] {
    const masters = this.stacks.get(node)?.masters ?? []
    return [...masters].flatMap(([member, master]) => (master.name === name ? [member] : []))
  }
}
