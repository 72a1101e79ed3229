// Segments: the links and interfaces that share a subnet. A link between two nodes is a segment, and so are switches that are
// wired together, with all links on them. Each VLAN of bridges that filter by VLAN is a segment of its own. Tunnels that carry
// Ethernet join the segments at their ends.

import type { Faults } from '../source/faults.js'
import type { Topology } from '../source/topology.js'
import { interfaceKey } from '../values/interface-key.js'
import { addressedMaster, mastersAbove, type Stacks } from './node-stack.js'
import { Planes } from './planes.js'
import { isEthernetTunnel } from './tunnels.js'
import type { WiredEnd, WiredLink } from './wire-links.js'

export interface Segment {
  /** Whether it has a bridge, or more than two members. */
  isLan: boolean
  /** Interfaces that have addresses in it, in order of appearance: ends of links, or the bridge or bond that an end is in. */
  members: SegmentMember[]
  /** The links that carry it without a tag. */
  links: WiredLink[]
  /** The links that carry it with a tag; each is in the `links` of another segment too. */
  trunks: WiredLink[]
  /** The ends of tunnels in it that carry Ethernet, as ports of bridges or with addresses of their own. */
  tunnels: SegmentMember[]
  /** The parts that only tunnels join, by `NODE:INTERFACE` of the members; absent without tunnels. */
  parts?: ReadonlyMap<string, string>
}

export type SegmentMember = Pick<WiredEnd, 'node' | 'interface'>

/** The part of one end of a link in its segment. */
interface Port {
  /** Whether one of the bridges runs a spanning tree. */
  hasStp: boolean
  isBridged: boolean
  isBonded: boolean
  /** The interface with addresses: the end itself, or the last of the bridges and bonds that it is in. */
  member: SegmentMember
}

/** Finds the segments, in order of their first link. Refuses loops of bridges without a spanning tree. */
export function findSegments(
  topology: Topology,
  links: readonly WiredLink[],
  stacks: Stacks,
  faults: Faults,
): Segment[] {
  const planes = new Planes(topology, stacks)
  const ports = new Map(links.flatMap(({ ends }) => ends.map((end) => [end, portOf(stacks, end)])))
  const portsOf = ({ ends }: WiredLink) => ends.map((end) => ports.get(end) as Port) as [Port, Port]
  for (const link of links) {
    if (planes.joinLink(link.ends)) continue
    const both = portsOf(link)
    if (!both.every((port) => port.isBridged && !port.isBonded && !port.hasStp)) continue
    const [one, other] = link.ends.map((end) => end.node)
    const what = one === other ? `${one} would be wired to itself` : `${one} and ${other} are wired already`
    faults.add(['links', link.index], `${what}: a loop of switches floods for ever`)
  }
  const finder = new SegmentFinder(topology, stacks, planes, links)
  for (const link of links) finder.addLink(link, portsOf(link))
  finder.addDevices()
  finder.addTrunks(links)
  finder.addTunnels()
  return finder.segments()
}

class SegmentFinder {
  /** By network. */
  private readonly found = new Map<string, Segment>()
  private readonly isMember = new Set<string>()
  private readonly vlans: ReadonlySet<string>
  private readonly closed: ReadonlySet<string>
  /** Networks that a link carries with a tag. */
  private readonly trunked: ReadonlySet<string>
  /** The segments of a set of networks, which the ports of a switch share. */
  private readonly bySet = new Map<ReadonlySet<string>, readonly Segment[]>()

  constructor(
    private readonly topology: Topology,
    private readonly stacks: Stacks,
    private readonly planes: Planes,
    links: readonly WiredLink[],
  ) {
    this.vlans = planes.vlanNetworks()
    this.closed = planes.closedNetworks()
    const ends = links.flatMap((link) => link.ends)
    const tagged = new Set(ends.map((end) => planes.taggedNetworksOf(end.node, end.interface)))
    this.trunked = new Set([...tagged].flatMap((networks) => [...networks]))
  }

  addLink(link: WiredLink, ports: readonly [Port, Port]): void {
    const [{ node, interface: name }] = link.ends
    const network = this.planes.networkOf(node, name)
    const segment = this.segmentOf(network)
    segment.links.push(link)
    segment.isLan ||= ports.some(({ isBridged }) => isBridged)
    ports.forEach(({ member }, side) => {
      const own = link.ends[side]?.settings.addresses
      if (this.planes.networkOf(member.node, member.interface) === network) this.addMember(network, member, own)
    })
  }

  /**
   * Adds interfaces that are no end of a link: bridges that are in the network by a VLAN or a tunnel alone, VLAN interfaces,
   * and tunnels with addresses of their own.
   */
  addDevices(): void {
    for (const [node, { devices, masters }] of this.stacks) {
      const parents = new Set([...devices.values()].flatMap((device) => ('parent' in device ? [device.parent] : [])))
      for (const [name, device] of devices) {
        if (addressedMaster(masters.get(name))) continue
        const network = this.planes.networkOf(node, name)
        const isVlan = this.vlans.has(network)
        const isThere = isVlan || this.found.has(network)
        const isWritten = (device.addresses?.length ?? 0) > 0
        const takesComputed =
          device.kind === 'bridge' ? this.isWired(network) : device.kind === 'vlan' && isVlan && !parents.has(name)
        const canJoin = device.kind === 'vlan' ? isVlan : device.kind === 'bridge' || isEthernetTunnel(device)
        if (isThere && canJoin && (isWritten || takesComputed)) this.addMember(network, { node, interface: name })
      }
    }
  }

  addTrunks(links: readonly WiredLink[]): void {
    for (const link of links) {
      const segments = link.ends.flatMap(({ node, interface: name }) => this.taggedSegmentsOf(node, name))
      for (const segment of new Set(segments)) if (!segment.links.includes(link)) segment.trunks.push(link)
    }
  }

  addTunnels(): void {
    for (const [node, { devices }] of this.stacks) {
      for (const [name, device] of devices) {
        if (!isEthernetTunnel(device)) continue
        const own = this.found.get(this.planes.networkOf(node, name))
        const segments = [...(own ? [own] : []), ...this.taggedSegmentsOf(node, name)]
        for (const { tunnels } of new Set(segments)) tunnels.push({ node, interface: name })
      }
    }
  }

  /** The segments that an interface carries with a tag. */
  private taggedSegmentsOf(node: string, name: string): readonly Segment[] {
    const networks = this.planes.taggedNetworksOf(node, name)
    const known = this.bySet.get(networks)
    if (known !== undefined) return known
    const segments = [...networks].flatMap((network) => this.found.get(network) ?? [])
    this.bySet.set(networks, segments)
    return segments
  }

  segments(): Segment[] {
    return [...this.found.values()].map((segment) => {
      const partOf = (member: SegmentMember) => this.planes.partOf(member.node, member.interface)
      const parts = new Map(
        segment.members.map((member) => [interfaceKey(member.node, member.interface), partOf(member)]),
      )
      const isLan = segment.isLan || segment.members.length > 2
      return { ...segment, isLan, ...(new Set(parts.values()).size > 1 ? { parts } : {}) }
    })
  }

  private isWired(network: string): boolean {
    return this.found.has(network) || this.trunked.has(network)
  }

  private segmentOf(network: string): Segment {
    const empty = { isLan: this.vlans.has(network), members: [], links: [], trunks: [], tunnels: [] }
    const segment = this.found.get(network) ?? empty
    this.found.set(network, segment)
    return segment
  }

  private addMember(network: string, member: SegmentMember, own?: readonly string[]): void {
    const { node, interface: name } = member
    const key = interfaceKey(node, name)
    const { kind, addresses } = this.topology.nodes.get(node) ?? {}
    const written = [own, this.stacks.get(node)?.devices.get(name)?.addresses, addresses?.[name]]
    const isWritten = written.some((texts) => (texts?.length ?? 0) > 0)
    // Nobody could be reached by a computed address on the end of a trunk that carries no frames without a tag.
    if (this.isMember.has(key) || (!isWritten && (kind === 'switch' || this.closed.has(network)))) return
    this.isMember.add(key)
    this.segmentOf(network).members.push(member)
  }
}

function portOf(stacks: Stacks, end: WiredEnd): Port {
  const { node, interface: name } = end
  const stack = stacks.get(node)
  if (!stack) return { hasStp: false, isBridged: false, isBonded: false, member: end }
  const { names, bridges, hasBond } = mastersAbove(stacks, node, name)
  return {
    hasStp: bridges.some((bridge) => (stack.devices.get(bridge) as { stp?: boolean } | undefined)?.stp === true),
    isBridged: bridges.length > 0,
    isBonded: hasBond,
    member: { node, interface: names.at(-1) ?? name },
  }
}
