// Chooses the range of the machine's ids that nodes use besides the id of their owner, from /etc/subuid and /etc/subgid.
import { type Grant, type GrantFile, type IdSpan, ownNames, readGrants } from '../../kernel/subordinate-ids.js'

/** Used when root has no line: the range that useradd(8) grants first (SUB_UID_MIN and SUB_UID_COUNT of login.defs(5)). */
const DEFAULT_FOR_ROOT: IdSpan = { start: 100_000, count: 65_536 }
/** 2³²−1 is (uid_t)−1, which no user can have. */
const ID_MAX = 2 ** 32 - 2

/**
 * The first range that a file grants to the user of this process.
 *
 * @returns null for an ordinary user without a grant. Root needs none, and gets a range that no user has been granted.
 */
export function grantedIds(file: GrantFile): IdSpan | null {
  const owners = ownNames()
  const grant = readGrants(file).find(({ owner }) => owners.includes(owner))
  if (grant) return grant
  if (process.geteuid?.() !== 0) return null
  return firstUngrantedRange([...readGrants('/etc/subuid'), ...readGrants('/etc/subgid')])
}

/**
 * The first range, from the default one on, that no user has been granted. A user with a subordinate id can become that id,
 * and then kill and trace the processes of nodes that run under it.
 */
export function firstUngrantedRange(grants: readonly Grant[]): IdSpan {
  const { start: first, count } = DEFAULT_FOR_ROOT
  for (let start = first; start + count - 1 <= ID_MAX; start += count) {
    if (!grants.some((grant) => start < grant.start + grant.count && grant.start < start + count))
      return { start, count }
  }
  return DEFAULT_FOR_ROOT
}
