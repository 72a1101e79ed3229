// Which link of a running lab each link of a topology is. Pure.
import type { Endpoint, ResolvedLink } from '../../../model/resolved.js'
import type { Place } from '../facts/fact.js'
import type { Running, RunningLink } from './running.js'

/** A link that stays, with the running interfaces in the order of its endpoints. */
export interface MatchedLink {
  running: RunningLink
  ends: [Place, Place]
}

/**
 * Matches by both endpoints, in either order; then, where two nodes have one link left on each side, by the nodes: the ends
 * were renamed.
 *
 * @returns by place in the list
 */
export function matchLinks(links: readonly ResolvedLink[], running: Running): Map<number, MatchedLink> {
  const matched = new Map<number, MatchedLink>()
  const free = new Set(running.links)
  const take = (at: number, link: RunningLink, ends: [Place, Place]): void => {
    free.delete(link)
    matched.set(at, { running: link, ends })
  }
  const byEnd = new Map(running.links.flatMap((link) => link.ends.map((end) => [`${end.node} ${end.index}`, link])))
  // Names of the topology that was applied come before those of one whose apply was killed, and these before the kernel's.
  for (const rank of [0, 1, 2]) {
    for (const [at, link] of links.entries()) {
      if (matched.has(at)) continue
      const [a, b] = link.endpoints.map((end) => placeOf(end, rank, running))
      const found = a && b ? byEnd.get(`${a.node} ${a.index}`) : undefined
      if (!a || !b || !found || !free.has(found) || isDemandedAnew(link, found)) continue
      if (found.ends.some(({ node, index }) => node === b.node && index === b.index)) take(at, found, [a, b])
    }
  }
  const left = groupBy(
    [...links.entries()].filter(([at]) => !matched.has(at)),
    ([, { endpoints }]) => nodesKey(endpoints),
  )
  const candidates = groupBy([...free], ({ ends }) => nodesKey(ends))
  for (const [nodes, wanted] of left) {
    const [only, second] = candidates.get(nodes) ?? []
    const [[at, link] = []] = wanted
    if (wanted.length !== 1 || at === undefined || !link || !only || second || isDemandedAnew(link, only)) continue
    const [first, other] = only.ends
    const isSameOrder = first.node === link.endpoints[0].node
    take(at, only, isSameOrder ? [first, other] : [other, first])
  }
  return matched
}

/** The wire is not taken from a link, unless its file demands netem. */
const isDemandedAnew = ({ emulation }: ResolvedLink, { isOnWire }: RunningLink): boolean =>
  isOnWire && emulation?.backend === 'netem'

function placeOf({ node, interface: name }: Endpoint, rank: number, running: Running): Place | undefined {
  const index = running.indexesOf(node, name)[rank]
  return index === undefined ? undefined : { node, index }
}

const nodesKey = (ends: readonly { node: string }[]): string =>
  ends
    .map(({ node }) => node)
    .toSorted()
    .join(' ')

function groupBy<T>(all: readonly T[], keyOf: (each: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const each of all) groups.set(keyOf(each), [...(groups.get(keyOf(each)) ?? []), each])
  return groups
}
