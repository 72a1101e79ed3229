// What differs in the emulation of a link, in the words of the file. Pure.
import type { Difference } from '../../../model/change/lab-change.js'
import type { EmulatedLink } from '../../../model/impairment.js'
import type { Endpoint, ResolvedTopology } from '../../../model/resolved.js'
import { directionText } from '../../../topology/emulation/impairment-text.js'
import type { EmulationChange } from '../change-plan.js'
import { placeKey } from '../facts/fact.js'

export function emulationDifference({ links }: ResolvedTopology, { link, from, to }: EmulationChange): Difference {
  const ends = links[link]?.endpoints ?? []
  const [was, is] = [textOf(from, ends), textOf(to, ends)]
  const part = { node: null, part: 'emulation', name: ends.map(nameOf).join(' – ') }
  const isOnWire = to?.backend === 'wire'
  if (isOnWire !== (from?.backend === 'wire')) {
    const note = isOnWire
      ? 'its veth pair is made anew, with the wire between its ends'
      : 'its veth pair is made anew, without the wire between its ends'
    const by = (text: string, isWire: boolean) => (isWire ? `${text} by the wire` : text)
    return { kind: 'change', ...part, from: by(was, !isOnWire), to: by(is, isOnWire), note }
  }
  if (was !== is) return { kind: 'change', ...part, from: was, to: is }
  const isWritten = JSON.stringify(from?.emulation.directions) !== JSON.stringify(to?.emulation.directions)
  const note = isWritten ? 'other settings of it change' : 'its queueing disciplines are missing, or are others'
  return { kind: 'change', ...part, to: is, note }
}

const nameOf = ({ node, interface: name }: Endpoint): string => `${node}:${name}`

/** Such as `delay 10ms`, or `delay 10ms from a:eth0, none from b:eth0`. */
function textOf(emulated: EmulatedLink | null, ends: readonly Endpoint[]): string {
  const [a = 'none', b = 'none'] = emulated?.emulation.directions.map((each) => directionText(each) ?? 'none') ?? []
  if (a === b) return a
  return [a, b].map((text, side) => `${text} from ${nameOf(ends[side] as Endpoint)}`).join(', ')
}

/** The ends of links whose emulation changes, as `placeKey` has them: the most segments of their packets follow from it. */
export function emulatedPlaces({ nodes, links }: ResolvedTopology, changes: readonly EmulationChange[]): Set<string> {
  const ends = new Set(changes.flatMap(({ link }) => links[link]?.endpoints.map(nameOf) ?? []))
  if (ends.size === 0) return ends
  return new Set(
    nodes.flatMap(({ name: node, interfaces }) =>
      interfaces.flatMap(({ name, index }) => (ends.has(`${node}:${name}`) ? [placeKey({ node, index })] : [])),
    ),
  )
}
