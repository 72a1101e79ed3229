// The state of a lab after a change. Pure.
import type { EmulatedLink } from '../../model/impairment.js'
import type { ResolvedTopology } from '../../model/resolved.js'
import { describeState, type HeldNode } from '../build/lab-state.js'
import type { DownEnd, LabState } from '../record/state.js'
import { endsKey, linkKeys } from './compare.js'

/**
 * @param target with the ifindexes and link numbers of the running lab
 * @param fresh nodes that were made, or made anew
 * @param emulated what emulates the links that are new, by place
 */
export function stateAfter(
  before: LabState,
  target: ResolvedTopology,
  fresh: readonly HeldNode[],
  emulated: readonly (EmulatedLink | null)[],
): LabState {
  const processes = new Map([...before.nodes, ...fresh].map((node) => [node.name, node]))
  const described = describeState(
    target,
    target.nodes.flatMap(({ name }) => {
      const { pid = 0, startTime = 0, netnsFd = 0, netnsInode } = processes.get(name) ?? {}
      return pid === 0 ? [] : [{ name, pid, startTime, netnsFd, netnsInode } as HeldNode]
    }),
    before.cgroup,
  )
  const places = placesBefore(before, target)
  const emulations = places.map((place, at) =>
    place === null ? (emulated[at] ?? null) : (before.emulations?.[place] ?? null),
  )
  const linkNumbers = target.links.map(({ number }, place) => number ?? place)
  const down = downAfter(before, described)
  const { emulations: _, linkNumbers: __, down: ___, tunnels: ____, ...rest } = before
  return {
    ...rest,
    ...described,
    ...(emulations.every((each) => each === null) ? {} : { emulations }),
    ...(linkNumbers.every((number, place) => number === place) ? {} : { linkNumbers }),
    ...(down.length === 0 ? {} : { down }),
  }
}

/** Of each link of a topology, the place that it had in the state; null for a new one. */
export function placesBefore({ links, linkIndexes }: LabState, target: ResolvedTopology): (number | null)[] {
  const places = new Map(links.map((names, place) => [endsKey(names, linkIndexes[place]), place]))
  return linkKeys(target).map((key) => places.get(key) ?? null)
}

/** What is kept of interfaces that are down, by the names that they have now. */
function downAfter(before: LabState, after: Pick<LabState, 'nodes' | 'links' | 'linkIndexes'>): DownEnd[] {
  const old = new Map(endsOf(before))
  const now = new Map(endsOf(after).map(([name, index]) => [`${nodeOf(name)} ${index}`, name]))
  return (before.down ?? []).flatMap((end) => {
    const node = nodeOf(end.endpoint)
    const name = now.get(`${node} ${end.index ?? old.get(end.endpoint)}`)
    if (name !== undefined) return [{ ...end, endpoint: name }]
    const isOther = !old.has(end.endpoint) && after.nodes.some((each) => each.name === node)
    return isOther ? [end] : []
  })
}

const endsOf = ({ links, linkIndexes }: Pick<LabState, 'links' | 'linkIndexes'>): [name: string, index: number][] =>
  links.flatMap((names, place) => names.map((name, side): [string, number] => [name, linkIndexes[place]?.[side] ?? 0]))

const nodeOf = (end: string): string => end.slice(0, end.indexOf(':'))
