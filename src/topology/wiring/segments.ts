// Segments: the links and interfaces that share a subnet. A link between two nodes is a segment, and so are switches that are
// wired together, with all links on them.

import type { Faults } from '../source/faults.js'
import type { Topology } from '../source/topology.js'
import { mastersAbove, type Stacks } from './node-stack.js'
import type { WiredEnd, WiredLink } from './wire-links.js'

export interface Segment {
  /** Whether it has a bridge, or more than two members. */
  isLan: boolean
  /** Interfaces that have addresses in it, in order of appearance: ends of links, or the bridge or bond that an end is in. */
  members: SegmentMember[]
  links: WiredLink[]
}

export type SegmentMember = Pick<WiredEnd, 'node' | 'interface'>

/** The part of one end of a link in its segment. */
interface Port {
  /** The bridges and bonds that the end is in, `NODE:INTERFACE`. */
  masters: string[]
  /** Whether one of the bridges runs a spanning tree. */
  hasStp: boolean
  isBridged: boolean
  isBonded: boolean
  /** The interface with addresses; null if the node has none on this segment. */
  member: SegmentMember | null
}

/** Finds the segments, in order of their first link. Refuses loops of bridges without a spanning tree. */
export function findSegments(
  topology: Topology,
  links: readonly WiredLink[],
  stacks: Stacks,
  faults: Faults,
): Segment[] {
  const groups = new Groups()
  const ports = new Map(links.flatMap(({ ends }) => ends.map((end) => [end, portOf(topology, stacks, end)])))
  const portsOf = ({ ends }: WiredLink) => ends.map((end) => ports.get(end) as Port) as [Port, Port]
  for (const link of links) {
    const [a, b] = portsOf(link)
    for (const { masters } of [a, b]) for (const master of masters.slice(1)) groups.join(masters[0] as string, master)
    const [first, second] = [a.masters[0], b.masters[0]]
    if (first === undefined || second === undefined || groups.join(first, second)) continue
    const isLoop = a.isBridged && b.isBridged && !a.isBonded && !b.isBonded && !a.hasStp && !b.hasStp
    if (!isLoop) continue
    const [one, other] = link.ends.map((end) => end.node)
    const what = one === other ? `${one} would be wired to itself` : `${one} and ${other} are wired already`
    faults.add(['links', link.index], `${what}: a loop of switches floods for ever`)
  }
  const segments = new Map<string | WiredLink, Segment>()
  for (const link of links) {
    const both = portsOf(link)
    const master = both.flatMap(({ masters }) => masters)[0]
    const key = master === undefined ? link : groups.find(master)
    const segment = segments.get(key) ?? { isLan: false, members: [], links: [] }
    segments.set(key, segment)
    segment.links.push(link)
    segment.isLan ||= both.some(({ isBridged }) => isBridged)
    for (const { member, masters } of both) {
      if (member && (masters.length === 0 || !segment.members.some((other) => isSame(other, member)))) {
        segment.members.push(member)
      }
    }
  }
  return [...segments.values()].map((segment) => ({ ...segment, isLan: segment.isLan || segment.members.length > 2 }))
}

const isSame = (a: SegmentMember, b: SegmentMember): boolean => a.node === b.node && a.interface === b.interface

function portOf(topology: Topology, stacks: Stacks, end: WiredEnd): Port {
  const { node, interface: name } = end
  const stack = stacks.get(node)
  if (!stack) return { masters: [], hasStp: false, isBridged: false, isBonded: false, member: end }
  const { names, bridges, hasBond } = mastersAbove(stacks, node, name)
  const top = names.at(-1) ?? name
  const isSwitch = topology.nodes.get(node)?.kind === 'switch'
  const hasAddresses = !isSwitch || (stack.devices.get(top)?.addresses?.length ?? 0) > 0
  return {
    masters: names.map((master) => `${node}:${master}`),
    hasStp: bridges.some((bridge) => (stack.devices.get(bridge) as { stp?: boolean } | undefined)?.stp === true),
    isBridged: bridges.length > 0,
    isBonded: hasBond,
    member: hasAddresses ? { node, interface: top } : null,
  }
}

/** Disjoint sets of names. */
class Groups {
  private readonly parent = new Map<string, string>()

  find(name: string): string {
    let root = name
    for (let up = this.parent.get(root); up !== undefined; up = this.parent.get(root)) root = up
    if (root !== name) this.parent.set(name, root)
    return root
  }

  /** Joins two sets; false if they are one set already. */
  join(a: string, b: string): boolean {
    const [first, second] = [this.find(a), this.find(b)]
    if (first === second) return false
    this.parent.set(second, first)
    return true
  }
}
