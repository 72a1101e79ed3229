// What cannot be done in a running lab. Pure.
import { LabError } from '../../errors.js'
import type { ResolvedTopology } from '../../model/resolved.js'
import type { NodeChanges } from './nodes/node-change.js'

const HINT = 'take the lab down and up again'

/** @param known the topologies that were applied. @throws LabError USAGE */
export function refuseImpossible(
  desired: ResolvedTopology,
  known: readonly ResolvedTopology[],
  { removed, replaced }: NodeChanges,
): void {
  const [applied] = known
  if (applied && applied.name !== desired.name) {
    throw new LabError('USAGE', `the file is of lab ${desired.name}, and this lab is ${applied.name}`, {
      hint: `\`--name ${applied.name}\` says that the file is meant for it`,
    })
  }
  const wanted = cardsOf(desired)
  for (const topology of known) {
    for (const [place, device] of cardsOf(topology)) {
      const node = place.split(':')[0] as string
      if (wanted.get(place) === device && !removed.has(node) && !replaced.has(node)) continue
      throw new LabError(
        'USAGE',
        `${place} is the device ${device} of the machine, which a running lab does not move`,
        { hint: HINT },
      )
    }
  }
  const had = new Map(known.flatMap((topology) => [...cardsOf(topology)]))
  for (const [place, device] of wanted) {
    if (had.get(place) === device) continue
    throw new LabError(
      'USAGE',
      `${place} would be the device ${device} of the machine, which a running lab does not take`,
      {
        hint: HINT,
      },
    )
  }
}

/** Devices of the machine by `NODE:INTERFACE`. */
const cardsOf = ({ nodes }: ResolvedTopology): Map<string, string> =>
  new Map(
    nodes.flatMap(({ name: node, interfaces }) =>
      interfaces.flatMap(({ name, settings }) =>
        settings?.kind === 'device' ? [[`${node}:${name}`, settings.device] as const] : [],
      ),
    ),
  )
