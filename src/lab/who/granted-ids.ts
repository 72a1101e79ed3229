// The ids outside that nodes have besides their owner's: of the grants of the machine, the one that nslab takes.
import { type Grant, type GrantFile, type IdSpan, ownNames, readGrants } from '../../kernel/subordinate-ids.js'

/** Used when root has no line: the range that useradd(8) hands out first (SUB_UID_MIN and SUB_UID_COUNT of login.defs(5)). */
const DEFAULT_FOR_ROOT: IdSpan = { start: 100_000, count: 65_536 }
/** The last is nobody's. */
const ID_MAX = 2 ** 32 - 2

/**
 * The first range that a file grants the user this process runs as.
 *
 * @returns null for an ordinary user without one; root may map what it likes.
 */
export function grantedIds(file: GrantFile): IdSpan | null {
  const owners = ownNames()
  const grant = readGrants(file).find(({ owner }) => owners.includes(owner))
  if (grant) return grant
  if (process.geteuid?.() !== 0) return null
  return rangeBeside([...readGrants('/etc/subuid'), ...readGrants('/etc/subgid')])
}

/**
 * The default range, or the first of that size behind it that nobody has been granted: whoever has an id as a subordinate
 * one can become it, and end and trace the processes of nodes that run under it.
 */
export function rangeBeside(grants: readonly Grant[]): IdSpan {
  const { start: first, count } = DEFAULT_FOR_ROOT
  for (let start = first; start + count - 1 <= ID_MAX; start += count) {
    if (!grants.some((grant) => start < grant.start + grant.count && grant.start < start + count))
      return { start, count }
  }
  return DEFAULT_FOR_ROOT
}
