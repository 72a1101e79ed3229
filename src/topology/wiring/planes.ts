// Ethernet networks: which frames reach which interface. A plane is the frames of one interface with one tag (IEEE 802.1Q), or
// with none. Bridges, bonds, VLAN interfaces, tunnels and links join planes to networks.
import { TRAITS } from '../../model/interfaces/kinds.js'
import type { Device, WrittenDevice } from '../schema/interfaces/interfaces.js'
import type { Topology } from '../source/topology.js'
import { interfaceKey } from '../values/interface-key.js'
import { Groups } from './groups.js'
import type { NodeStack, Stacks } from './node-stack.js'
import { facingTunnels } from './tunnels.js'
import type { WiredEnd } from './wire-links.js'

/** The VLAN of frames without a tag on ports of a bridge that filters by VLAN and says nothing else. */
export const DEFAULT_PVID = 1

/** Whether a bridge forwards each frame only within its VLAN. */
export const filtersVlans = ({ vlan_filtering, vlans }: Device<'bridge'>): boolean =>
  vlan_filtering ?? Object.keys(vlans).length > 0

export class Planes {
  private readonly networks = new Groups()
  /** The same without tunnels. */
  private readonly parts = new Groups()
  /** Planes that something in a node sends to or takes from. */
  private readonly used = new Set<string>()
  private readonly vlans: string[] = []
  private readonly closed: string[] = []
  /** All tags that a frame on a wire can have: `10`, `10.20` for the inner of two, with an `s` where it is 802.1ad's. */
  private readonly tags: readonly string[]

  constructor(topology: Topology, stacks: Stacks) {
    this.tags = tagsIn(stacks)
    for (const [node, stack] of stacks) this.joinWithin(node, stack)
    for (const [a, b] of facingTunnels(topology, stacks)) this.joinTunnel(a, b)
  }

  /** The network that frames without a tag of an interface are in. */
  networkOf(node: string, name: string): string {
    return this.networks.find(planeOf(node, name))
  }

  /** The part of the network that is reached without a tunnel. */
  partOf(node: string, name: string): string {
    return this.parts.find(planeOf(node, name))
  }

  /** The networks that frames with a tag of an interface are in. */
  taggedNetworksOf(node: string, name: string): string[] {
    return this.tags
      .map((tag) => planeOf(node, name, tag))
      .filter((plane) => this.used.has(plane))
      .map((plane) => this.networks.find(plane))
  }

  /** The networks that have a VLAN of a bridge in them. */
  vlanNetworks(): ReadonlySet<string> {
    return new Set(this.vlans.map((plane) => this.networks.find(plane)))
  }

  /** The networks in which a bridge takes no frames without a tag. */
  closedNetworks(): ReadonlySet<string> {
    return new Set(this.closed.map((plane) => this.networks.find(plane)))
  }

  /** Joins the ends of a link; false if frames of one could reach the other before. */
  joinLink([a, b]: readonly [WiredEnd, WiredEnd]): boolean {
    let isNew = this.join(planeOf(a.node, a.interface), planeOf(b.node, b.interface))
    for (const tag of this.tags) {
      const [first, second] = [planeOf(a.node, a.interface, tag), planeOf(b.node, b.interface, tag)]
      // A host without the VLAN drops its frames.
      if (this.used.has(first) && this.used.has(second) && !this.join(first, second)) isNew = false
    }
    return isNew
  }

  private joinTunnel(a: string, b: string): void {
    this.networks.join(a, b)
    for (const tag of this.tags) this.networks.join(`${a}${tag}`, `${b}${tag}`)
  }

  private join(a: string, b: string): boolean {
    this.parts.join(a, b)
    return this.networks.join(a, b)
  }

  private joinUsed(a: string, b: string): void {
    this.used.add(a).add(b)
    this.join(a, b)
  }

  private joinWithin(node: string, { devices, masters }: NodeStack): void {
    for (const [member, { name, kind }] of masters) {
      if (TRAITS[kind].members === 'routed') continue
      const bridge = devices.get(name)
      if (bridge?.kind === 'bridge' && filtersVlans(bridge)) this.joinVlans(node, name, bridge, member)
      else this.joinAll(node, member, name)
    }
    for (const [name, device] of devices) {
      if (device.kind === 'bridge' && filtersVlans(device)) this.joinVlans(node, name, device, name)
      if (device.kind === 'vlan') this.joinVlanInterface(node, name, device)
    }
  }

  private joinAll(node: string, member: string, master: string): void {
    for (const tag of ['', ...this.tags]) this.joinUsed(planeOf(node, master, tag), planeOf(node, member, tag))
  }

  /** Joins a port of a bridge, or the bridge itself, to its VLANs within the bridge. */
  private joinVlans(node: string, name: string, bridge: Device<'bridge'>, port: string): void {
    const { untagged, tagged } = vlansOf(bridge, port)
    const join = (tag: string, vlan: number) => {
      const own = `${planeOf(node, name)}VLAN ${vlan}`
      this.vlans.push(own)
      this.joinUsed(own, planeOf(node, port, tag))
    }
    if (untagged === null) this.closed.push(planeOf(node, port))
    else join('', untagged)
    for (const vlan of tagged) join(String(vlan), vlan)
  }

  private joinVlanInterface(node: string, name: string, device: Device<'vlan'>): void {
    const tag = tagOf(device)
    this.joinUsed(planeOf(node, device.parent, tag), planeOf(node, name))
    for (const inner of this.tags) {
      const both = `${tag}.${inner}`
      if (this.tags.includes(both)) this.joinUsed(planeOf(node, device.parent, both), planeOf(node, name, inner))
    }
  }
}

/** No interface name has a blank. */
const planeOf = (node: string, name: string, tag = ''): string => `${interfaceKey(node, name)} ${tag}`

const tagOf = ({ protocol, id }: Device<'vlan'>): string => `${protocol === '802.1ad' ? 's' : ''}${id}`

/** The VLANs of a port once the bridge is configured; `untagged` is null if it takes no frames without a tag. */
function vlansOf(bridge: Device<'bridge'>, port: string): { untagged: number | null; tagged: readonly number[] } {
  const written = bridge.vlans[port]
  const pvid = bridge.default_pvid ?? DEFAULT_PVID
  if (written === undefined) return { untagged: pvid === 0 ? null : pvid, tagged: [] }
  return { untagged: written.untagged ?? null, tagged: written.tagged }
}

function tagsIn(stacks: Stacks): string[] {
  const tags = new Set<string>()
  for (const { devices } of stacks.values()) {
    for (const device of devices.values()) {
      if (device.kind === 'vlan') for (const tag of stackedTags(device, devices)) tags.add(tag)
      if (device.kind !== 'bridge' || !filtersVlans(device)) continue
      for (const { tagged } of Object.values(device.vlans)) for (const vlan of tagged) tags.add(String(vlan))
    }
  }
  return [...tags]
}

/** The tags of a VLAN interface as its parent sends them, as its parent's parent does, and so on. */
function stackedTags(device: Device<'vlan'>, devices: ReadonlyMap<string, WrittenDevice>): string[] {
  const found: string[] = []
  let tag = ''
  const seen = new Set<WrittenDevice>()
  for (let at: WrittenDevice | undefined = device; at?.kind === 'vlan' && !seen.has(at); at = devices.get(at.parent)) {
    seen.add(at)
    tag = tag === '' ? tagOf(at) : `${tagOf(at)}.${tag}`
    found.push(tag)
  }
  return found
}
