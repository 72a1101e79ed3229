// Which users of the host are the users of a rootless lab: the maps of its outer user namespace.
import { grantedIds } from './granted-ids.js'

/** Lines of /proc/PID/uid_map and gid_map: `INSIDE OUTSIDE COUNT` (user_namespaces(7)). */
export interface OuterIdMaps {
  uid: string[]
  gid: string[]
}

/** What a node needs so that daemons find all the users they know: nobody is 65534. */
export const NODE_IDS = 65_536

/** Root is the user who calls; the other ids are that user's subordinate ones, where there are any. */
export function outerIdMaps(): OuterIdMaps {
  const own = { uid: [`0 ${process.geteuid?.() ?? 0} 1`], gid: [`0 ${process.getegid?.() ?? 0} 1`] }
  const [uids, gids] = [grantedIds('/etc/subuid'), grantedIds('/etc/subgid')]
  if (!uids || !gids) return own
  return {
    uid: [...own.uid, `1 ${uids.start} ${Math.min(uids.count, NODE_IDS)}`],
    gid: [...own.gid, `1 ${gids.start} ${Math.min(gids.count, NODE_IDS)}`],
  }
}
