// Segments: what shares a subnet. A link between two nodes is one; switches wired together, with everything on them, are
// one.
import type { Faults } from './fault.js'
import type { Topology } from './parse.js'
import type { WiredEnd, WiredLink } from './wiring.js'

export interface Segment {
  /** Whether there is a switch in it. */
  isLan: boolean
  /** Interfaces that have addresses in it: ends that are not a switch's, in order of appearance. */
  members: WiredEnd[]
  links: WiredLink[]
}

/** Segments in order of their first link. Refuses loops of switches: bridges here run no spanning tree. */
export function findSegments(topology: Topology, links: readonly WiredLink[], faults: Faults): Segment[] {
  const isSwitch = (end: WiredEnd) => topology.nodes.get(end.node)?.kind === 'switch'
  const groups = new Groups()
  for (const link of links) {
    const [a, b] = link.ends
    if (!isSwitch(a) || !isSwitch(b) || groups.join(a.node, b.node)) continue
    faults.add(['links', link.index], `${a.node} and ${b.node} are wired already: a loop of switches floods for ever`)
  }
  const segments = new Map<string | WiredLink, Segment>()
  for (const link of links) {
    const bridge = link.ends.find(isSwitch)
    const key = bridge ? groups.find(bridge.node) : link
    const segment = segments.get(key) ?? { isLan: bridge !== undefined, members: [], links: [] }
    segments.set(key, segment)
    segment.links.push(link)
    segment.members.push(...link.ends.filter((end) => !isSwitch(end)))
  }
  return [...segments.values()]
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

  /** Joins two sets; false when they are one already. */
  join(a: string, b: string): boolean {
    const [first, second] = [this.find(a), this.find(b)]
    if (first === second) return false
    this.parent.set(second, first)
    return true
  }
}
