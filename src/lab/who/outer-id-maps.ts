// Which users of the host are the users of a rootless lab: the maps of its outer user namespace.
import type { IdRange } from '../../model/isolation.js'
import { grantedIds } from './granted-ids.js'
import { holds, NODE_IDS, ownIds, passOn } from './own-ids.js'

export interface OuterIdMaps {
  uid: IdRange[]
  gid: IdRange[]
}

/** Root is the user who calls; the other ids are that user's subordinate ones, where there are any. */
export function outerIdMaps(): OuterIdMaps {
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0]
  const more = { uid: othersOf('uid'), gid: othersOf('gid') }
  // Users without groups, or the other way round, are of no use.
  const hasMore = more.uid.length > 0 && more.gid.length > 0
  return {
    uid: [{ inside: 0, outside: uid, count: 1 }, ...(hasMore ? more.uid : [])],
    gid: [{ inside: 0, outside: gid, count: 1 }, ...(hasMore ? more.gid : [])],
  }
}

/** From 1 on. Root of a user namespace that lacks what is granted passes on what there is. */
function othersOf(kind: 'uid' | 'gid'): IdRange[] {
  const own = ownIds(kind)
  const granted = grantedIds(`/etc/sub${kind}`)
  if (granted && holds(own, granted)) {
    return [{ inside: 1, outside: granted.start, count: Math.min(granted.count, NODE_IDS) }]
  }
  return process.geteuid?.() === 0 ? passOn(own, 1, 1) : []
}
