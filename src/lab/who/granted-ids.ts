// Chooses the ranges of the machine's ids that nodes use besides the id of their owner, from /etc/subuid and /etc/subgid.
import { type Grant, type IdSpan, lastIdForGrants, ownNames, readGrants } from '../../kernel/subordinate-ids.js'
import type { IdRange } from '../../model/isolation.js'
import { contains, IDS_PER_NODE, ownIds } from './own-ids.js'
import { idsOf } from './users.js'

/**
 * Where root's nodes have their ids when no line grants root any. useradd(8) grants ids up to 600,100,000 (SUB_UID_MAX of
 * login.defs(5)) unless told otherwise, systemd uses ids for containers up to 1,879,048,191 and others from 2,147,352,576 on
 * (UIDS-GIDS.md), and sssd(8) maps Windows users up to 2,000,200,000 (ldap_idmap_range_max of sssd-ldap(5)).
 */
const FIRST_FOR_ROOT = 0x7f00_0000
/** 2³²−1 is (uid_t)−1, which no user can have. */
const ID_MAX = 2 ** 32 - 2

export interface GrantedIds {
  /** In the order of the lines; they do not overlap. */
  spans: IdSpan[]
  /** A sentence for each line of the user that is not used, with the reason. */
  unused: string[]
  /** Why nobody else has the ids, if no line grants them; else null. */
  reserve: string | null
}

/**
 * The ids that nodes get: those of all lines of the user of this process. A line that contains the id of a user or group of the
 * machine is never used: in nodes, that user would be root or another user, and could kill and trace their processes.
 *
 * Root uses the first line that is large enough for a node, else all lines together, and needs none: if they are too small for
 * a node, it uses a range that useradd(8) never grants, so that it stays the same and nobody else gets it.
 */
export function grantedIds(kind: 'uid' | 'gid'): GrantedIds {
  const owners = ownNames()
  const own = readGrants(`/etc/sub${kind}`).filter(({ owner }) => owners.includes(owner))
  const granted = soundGrants(own, takenIds(kind))
  return process.geteuid?.() === 0 ? enoughForRoot(granted, ownIds(kind)) : { ...granted, reserve: null }
}

/** Where useradd(8) begins to grant ids (SUB_UID_MIN of login.defs(5)). */
const FIRST_FOR_USERS = 100_000

/** The first id of a range that an administrator can grant to one more user, as user ids and as group ids. */
export const firstToGrant = (used: readonly Grant[] = usedIds()): number =>
  used
    .toSorted((a, b) => a.start - b.start)
    .reduce(
      (start, each) => (overlap(each, { start, count: IDS_PER_NODE }) ? each.start + each.count : start),
      FIRST_FOR_USERS,
    )

/** The ids that somebody has or may have, as user ids or as group ids. */
const usedIds = (): Grant[] =>
  (['uid', 'gid'] as const).flatMap((kind) => [...readGrants(`/etc/sub${kind}`), ...takenIds(kind)])

/** The ids of the users or groups of the machine, each with a name for messages. */
function takenIds(kind: 'uid' | 'gid'): Grant[] {
  const noun = kind === 'uid' ? 'user' : 'group'
  return [{ id: 0, name: 'root' }, ...idsOf(kind)].map(({ id, name }) => ({
    owner: `${noun} ${name}`,
    start: id,
    count: 1,
  }))
}

/** Leaves out lines with ids of users or groups, and ids that an earlier line has, since the kernel maps an id only once. */
export function soundGrants(grants: readonly Grant[], taken: readonly Grant[]): Omit<GrantedIds, 'reserve'> {
  const spans: IdSpan[] = []
  const unused: string[] = []
  for (const grant of grants) {
    const user = taken.find((each) => overlap(each, grant))
    if (user) unused.push(`${lineOf(grant)} contains ${user.start}, the id of ${user.owner}`)
    else if (grant.start + grant.count - 1 > ID_MAX) unused.push(`${lineOf(grant)} goes beyond the largest id`)
    else spans.push(...spans.reduce(without, [{ start: grant.start, count: grant.count }]))
  }
  return { spans, unused }
}

/** What is left of spans when the ids of another one are taken out: up to two spans for each. */
const without = (spans: readonly IdSpan[], { start, count }: IdSpan): IdSpan[] =>
  spans
    .flatMap((span) => {
      const [end, other] = [span.start + span.count, start + count]
      return [
        { start: span.start, count: Math.min(end, start) - span.start },
        { start: Math.max(span.start, other), count: end - Math.max(span.start, other) },
      ]
    })
    .filter((span) => span.count > 0)

function enoughForRoot({ spans, unused }: Omit<GrantedIds, 'reserve'>, own: readonly IdRange[]): GrantedIds {
  const large = spans.find(({ count }) => count >= IDS_PER_NODE)
  if (large) return { spans: [large], unused, reserve: null }
  if (spans.reduce((sum, { count }) => sum + count, 0) >= IDS_PER_NODE) return { spans, unused, reserve: null }
  const small = spans.map(({ start, count }) => `${start}:${count} has fewer than ${IDS_PER_NODE} ids`)
  const last = lastIdForGrants()
  const span = rangeForRoot(usedIds(), own, last)
  const isAbove = span !== null && span.start > last
  return {
    spans: span === null ? [] : [span],
    unused: [...unused, ...small],
    reserve: isAbove ? `useradd(8) grants ids up to ${last} (/etc/login.defs)` : null,
  }
}

/**
 * The first range of which no id belongs or has been granted to a user, above all that useradd(8) grants. A user with a
 * subordinate id can become that id, and then kill and trace the processes of nodes that run under it. A user namespace with
 * fewer ids, as in a container, has its last such range.
 *
 * @param own the ids of the user namespace that nslab runs in
 * @param last the last id that useradd(8) grants
 * @returns null when there is none
 */
export function rangeForRoot(used: readonly Grant[], own: readonly IdRange[], last: number): IdSpan | null {
  const isFree = (span: IdSpan) => contains(own, span) && !used.some((grant) => overlap(grant, span))
  const count = IDS_PER_NODE
  const first = Math.max(FIRST_FOR_ROOT, Math.ceil((last + 1) / count) * count)
  const top = Math.min(ID_MAX + 1, Math.max(...own.map(({ inside, count: size }) => inside + size)))
  for (let start = first; start + count <= top; start += count) {
    if (isFree({ start, count })) return { start, count }
  }
  const ends = own.map(({ inside, count: size }) => Math.min(inside + size, first)).toSorted((a, b) => b - a)
  for (const end of ends) {
    for (let start = end - count; start > 0; start -= count) if (isFree({ start, count })) return { start, count }
  }
  return null
}

const overlap = (a: IdSpan, b: IdSpan): boolean => a.start < b.start + b.count && b.start < a.start + a.count

const lineOf = ({ owner, start, count }: Grant): string => `${owner}:${start}:${count}`
