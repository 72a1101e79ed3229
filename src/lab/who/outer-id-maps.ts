// Computes the uid and gid maps of the outer user namespace of a rootless lab.
import type { IdRange } from '../../model/isolation.js'
import { grantedIds } from './granted-ids.js'
import { contains, IDS_PER_NODE, mapOwnIds, ownIds } from './own-ids.js'

export interface OuterIdMaps {
  uid: IdRange[]
  gid: IdRange[]
}

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
 * The map of the ids from 1 on. Root of a user namespace that does not have the granted range maps the other ids of that
 * namespace instead.
 */
function subordinateRanges(kind: 'uid' | 'gid'): IdRange[] {
  const own = ownIds(kind)
  const granted = grantedIds(`/etc/sub${kind}`)
  if (granted && contains(own, granted)) {
    return [{ inside: 1, outside: granted.start, count: Math.min(granted.count, IDS_PER_NODE) }]
  }
  return process.geteuid?.() === 0 ? mapOwnIds(own, 1, 1) : []
}
