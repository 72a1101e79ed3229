// Ethernet networks: which frames reach which interface. A plane is the frames of one interface with one tag (IEEE 802.1Q), or
// with none. Bridges, bonds, VLAN interfaces, tunnels and links join planes to networks.
import { TRAITS } from '../../model/interfaces/kinds.js'
import type { Device, WrittenDevice } from '../schema/interfaces/interfaces.js'
import type { Topology } from '../source/topology.js'
import { interfaceKey } from '../values/interface-key.js'
import type { NodeStack, Stacks } from './node-stack.js'
import { type Plane, PlaneGroups } from './plane-groups.js'
import { facingTunnels } from './tunnels.js'
import type { WiredEnd } from './wire-links.js'

/** The VLAN of frames without a tag on ports of a bridge that filters by VLAN and says nothing else. */
export const DEFAULT_PVID = 1

/** No kernel makes more interfaces on each other (MAX_NEST_DEV in linux/netdevice.h), so no frame has more tags. */
const MOST_TAGS = 8

/** Whether a bridge forwards each frame only within its VLAN. */
export const filtersVlans = ({ vlan_filtering, vlans }: Device<'bridge'>): boolean =>
  vlan_filtering ?? Object.keys(vlans).length > 0

export class Planes {
  private readonly networks = new PlaneGroups()
  /** The same without tunnels. */
  private readonly parts = new PlaneGroups()
  /** By interface, the tags with which something in its node sends or takes frames. */
  private readonly used = new Map<string, Set<string>>()
  /** Interfaces with a bridge or bond that passes on frames with any tag. */
  private readonly transparent = new Set<string>()
  private readonly vlans: string[] = []
  private readonly closed: string[] = []
  /** By the interface that stands for all to which frames with any tag pass: what `taggedNetworksOf` answers. */
  private readonly carried = new Map<string, ReadonlySet<string>>()

  constructor(topology: Topology, stacks: Stacks) {
    const inner = innerTags(stacks)
    for (const [node, stack] of stacks) this.joinWithin(node, stack, inner)
    for (const [a, b] of facingTunnels(topology, stacks)) {
      this.networks.join({ of: a, tag: '' }, { of: b, tag: '' })
      this.networks.joinAllTags(a, b)
    }
  }

  /** The network that frames without a tag of an interface are in. */
  networkOf(node: string, name: string): string {
    return this.networks.find(untagged(node, name))
  }

  /** The part of the network that is reached without a tunnel. */
  partOf(node: string, name: string): string {
    return this.parts.find(untagged(node, name))
  }

  /**
   * The networks that frames with a tag of an interface are in, once all links are joined. The ports of bridges that pass on all
   * tags share one set.
   */
  taggedNetworksOf(node: string, name: string): ReadonlySet<string> {
    const of = interfaceKey(node, name)
    if (!this.transparent.has(of)) return new Set([...this.tagsAt(of)].map((tag) => this.networks.find({ of, tag })))
    const all = this.networks.transparentOf(of)
    const known = this.carried.get(all) ?? this.networks.taggedOf(of)
    this.carried.set(all, known)
    return known
  }

  /** The networks that have a VLAN of a bridge in them. */
  vlanNetworks(): ReadonlySet<string> {
    return new Set(this.vlans.map((of) => this.networks.find({ of, tag: '' })))
  }

  /** The networks in which a bridge takes no frames without a tag. */
  closedNetworks(): ReadonlySet<string> {
    return new Set(this.closed.map((of) => this.networks.find({ of, tag: '' })))
  }

  /** Joins the ends of a link; false if frames of one could reach the other before. */
  joinLink(ends: readonly [WiredEnd, WiredEnd]): boolean {
    const [a, b] = ends.map((end) => interfaceKey(end.node, end.interface)) as [string, string]
    let isNew = this.join({ of: a, tag: '' }, { of: b, tag: '' })
    if (this.transparent.has(a) && this.transparent.has(b)) return this.joinAllTags(a, b) && isNew
    // A host without the VLAN drops its frames.
    for (const tag of this.tagsOfBoth(a, b)) {
      if (!this.join({ of: a, tag }, { of: b, tag })) isNew = false
    }
    return isNew
  }

  /** The tags that both ends of a link use, of which one at most uses all. */
  private tagsOfBoth(a: string, b: string): string[] {
    if (this.transparent.has(a)) return [...this.tagsAt(b)]
    if (this.transparent.has(b)) return [...this.tagsAt(a)]
    const there = this.tagsAt(b)
    return [...this.tagsAt(a)].filter((tag) => there.has(tag))
  }

  private tagsAt(of: string): ReadonlySet<string> {
    return this.used.get(of) ?? new Set()
  }

  private join(a: Plane, b: Plane): boolean {
    this.parts.join(a, b)
    return this.networks.join(a, b)
  }

  private joinAllTags(a: string, b: string): boolean {
    this.parts.joinAllTags(a, b)
    return this.networks.joinAllTags(a, b)
  }

  private joinUsed(a: Plane, b: Plane): void {
    for (const { of, tag } of [a, b]) {
      if (tag === '') continue
      const tags = this.used.get(of)
      if (tags) tags.add(tag)
      else this.used.set(of, new Set([tag]))
    }
    this.join(a, b)
  }

  private joinWithin(
    node: string,
    { devices, masters }: NodeStack,
    inner: ReadonlyMap<string, readonly string[]>,
  ): void {
    for (const [member, { name, kind }] of masters) {
      if (TRAITS[kind].members === 'routed') continue
      const bridge = devices.get(name)
      if (bridge?.kind === 'bridge' && filtersVlans(bridge)) this.joinVlans(node, name, bridge, member)
      else this.joinMember(interfaceKey(node, member), interfaceKey(node, name))
    }
    for (const [name, device] of devices) {
      if (device.kind === 'bridge' && filtersVlans(device)) this.joinVlans(node, name, device, name)
    }
    // From the innermost tag to the outermost: a parent has the tags of the VLAN interfaces on it behind its own.
    for (const [name, device] of [...devices].reverse()) {
      if (device.kind === 'vlan') this.joinVlanInterface(node, name, device, inner)
    }
  }

  private joinMember(member: string, master: string): void {
    this.transparent.add(member).add(master)
    this.join({ of: master, tag: '' }, { of: member, tag: '' })
    this.joinAllTags(master, member)
  }

  /** Joins a port of a bridge, or the bridge itself, to its VLANs within the bridge. */
  private joinVlans(node: string, name: string, bridge: Device<'bridge'>, port: string): void {
    const { untagged, tagged } = vlansOf(bridge, port)
    const of = interfaceKey(node, port)
    const join = (tag: string, vlan: number) => {
      // No interface name has a blank.
      const own = `${interfaceKey(node, name)} VLAN ${vlan}`
      this.vlans.push(own)
      this.joinUsed({ of: own, tag: '' }, { of, tag })
    }
    if (untagged === null) this.closed.push(of)
    else join('', untagged)
    for (const vlan of tagged) join(String(vlan), vlan)
  }

  private joinVlanInterface(
    node: string,
    name: string,
    device: Device<'vlan'>,
    innerOf: ReadonlyMap<string, readonly string[]>,
  ): void {
    const outer = tagOf(device)
    const [of, parent] = [interfaceKey(node, name), interfaceKey(node, device.parent)]
    this.joinUsed({ of: parent, tag: outer }, { of, tag: '' })
    // A copy, since a VLAN interface that stands on itself would add to what it reads.
    const inner = this.transparent.has(of) ? (innerOf.get(outer) ?? []) : [...this.tagsAt(of)]
    for (const tag of inner) {
      if (tag.split('.').length < MOST_TAGS) this.joinUsed({ of: parent, tag: `${outer}.${tag}` }, { of, tag })
    }
  }
}

const untagged = (node: string, name: string): Plane => ({ of: interfaceKey(node, name), tag: '' })

/** The tag of a VLAN interface, with an `s` where it is 802.1ad's. Frames with two tags have `10.20`, the outer one first. */
const tagOf = ({ protocol, id }: Device<'vlan'>): string => `${protocol === '802.1ad' ? 's' : ''}${id}`

/** The VLANs of a port once the bridge is configured; `untagged` is null if it takes no frames without a tag. */
function vlansOf(bridge: Device<'bridge'>, port: string): { untagged: number | null; tagged: readonly number[] } {
  const written = bridge.vlans[port]
  const pvid = bridge.default_pvid ?? DEFAULT_PVID
  if (written === undefined) return { untagged: pvid === 0 ? null : pvid, tagged: [] }
  return { untagged: written.untagged ?? null, tagged: written.tagged }
}

/** By the outer tag of VLAN interfaces, the tags that others on them send behind it. */
function innerTags(stacks: Stacks): Map<string, string[]> {
  const inner = new Map<string, Set<string>>()
  for (const { devices } of stacks.values()) {
    for (const device of devices.values()) {
      if (device.kind === 'vlan') addInner(inner, device, devices)
    }
  }
  return new Map([...inner].map(([outer, tags]) => [outer, [...tags]]))
}

function addInner(
  inner: Map<string, Set<string>>,
  device: Device<'vlan'>,
  devices: ReadonlyMap<string, WrittenDevice>,
): void {
  let tag = tagOf(device)
  const seen = new Set<WrittenDevice>([device])
  for (let at = devices.get(device.parent); at?.kind === 'vlan' && !seen.has(at); at = devices.get(at.parent)) {
    if (seen.size === MOST_TAGS) return
    seen.add(at)
    const outer = tagOf(at)
    inner.set(outer, (inner.get(outer) ?? new Set()).add(tag))
    tag = `${outer}.${tag}`
  }
}
