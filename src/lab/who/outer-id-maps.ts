// Computes the uid and gid maps of the outer user namespace of a rootless lab.
import type { IdSpan } from '../../kernel/subordinate-ids.js'
import type { IdRange } from '../../model/isolation.js'
import { grantedIds } from './granted-ids.js'
import { contains, mapOwnIds, mapSpans, ownIds } from './own-ids.js'

export interface OuterIdMaps {
  uid: IdRange[]
  gid: IdRange[]
}

/** The shim takes eight lines of a map; the first is the caller's own id. */
const RANGES_MAX = 7

/** Root of the namespace is the calling user; the other ids are that user's subordinate ids, if there are any. */
export function outerIdMaps(): OuterIdMaps {
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0]
  const more = { uid: subordinateRanges('uid'), gid: subordinateRanges('gid') }
  // Further users are useless without further groups, and groups without users.
  const hasMore = more.uid.length > 0 && more.gid.length > 0
  return {
    uid: [{ inside: 0, outside: uid, count: 1 }, ...(hasMore ? more.uid : [])],
    gid: [{ inside: 0, outside: gid, count: 1 }, ...(hasMore ? more.gid : [])],
  }
}

/**
 * The map of the ids from 1 on. Root of a user namespace that does not have the granted ranges maps the other ids of that
 * namespace instead.
 */
function subordinateRanges(kind: 'uid' | 'gid'): IdRange[] {
  const own = ownIds(kind)
  const granted = grantedIds(kind).spans.filter((span) => contains(own, span))
  if (granted.length > 0) return mapSpans(largest(granted), 1)
  return process.geteuid?.() === 0 ? mapOwnIds(own, 1, 1) : []
}

/** All spans if the shim takes so many, else the largest. */
const largest = (spans: readonly IdSpan[]): readonly IdSpan[] =>
  spans.length <= RANGES_MAX ? spans : spans.toSorted((a, b) => b.count - a.count).slice(0, RANGES_MAX)
