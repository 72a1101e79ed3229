// The ids outside that nodes have besides their owner's: of the grants of the machine, the one that nslab takes.
import { type GrantFile, type IdSpan, ownNames, readGrants } from '../kernel/subordinate-ids.js'

/** Used when root has no line: the range that useradd(8) hands out first. */
const DEFAULT_FOR_ROOT: IdSpan = { start: 100_000, count: 65_536 }

/**
 * The first range that a file grants the user this process runs as.
 *
 * @returns null for an ordinary user without one; root may map what it likes.
 */
export function grantedIds(file: GrantFile): IdSpan | null {
  const owners = ownNames()
  const grant = readGrants(file).find(({ owner }) => owners.includes(owner))
  return grant ?? (process.geteuid?.() === 0 ? DEFAULT_FOR_ROOT : null)
}
