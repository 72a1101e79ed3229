// Checks maps of user and group ids (user_namespaces(7)).

import type { IdRange, IdRanges } from '../../model/isolation.js'
import type { Faults } from '../source/faults.js'
import type { Path } from '../source/located.js'

/** Refuses maps without root and maps whose ranges overlap. The kernel says no more than EINVAL. */
export function refuseBadMaps(path: Path, { uids, gids }: { uids: IdRanges; gids: IdRanges }, faults: Faults): void {
  refuseBadMap([...path, 'map'], uids, faults)
  if (gids !== uids) refuseBadMap([...path, 'groups'], gids, faults)
}

function refuseBadMap(path: Path, ranges: IdRanges, faults: Faults): void {
  if (ranges === 'host') return
  if (!ranges.some(({ inside }) => inside === 0)) {
    faults.add(path, 'the node would have no root: one range must begin with `inside: 0`')
  }
  for (const side of ['inside', 'outside'] as const) {
    ranges.forEach((range, at) => {
      const other = ranges.slice(0, at).find((each) => overlap(each, range, side))
      if (other) faults.add([...path, at, side], `${side} ids ${spanOf(range, side)} overlap ${spanOf(other, side)}`)
    })
  }
}

type Side = 'inside' | 'outside'

const overlap = (a: IdRange, b: IdRange, side: Side): boolean =>
  a[side] < b[side] + b.count && b[side] < a[side] + a.count

const spanOf = (range: IdRange, side: Side): string => `${range[side]}–${range[side] + range.count - 1}`
