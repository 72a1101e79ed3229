// Which users outside the users of a node are: the uid and gid maps of its user namespace. "Outside" is the user
// namespace in which nslab runs, whichever that is.

import { LabError } from '../../errors.js'
import type { IdRange, IdRanges } from '../../model/isolation.js'
import type { NodeAdd } from '../../plan/op.js'
import type { Caller } from './caller.js'
import { grantedIds } from './granted-ids.js'
import { holds, isSingle, ownIds, passOn } from './own-ids.js'

/** What it means that root's own id is all there is. */
export const SINGLE_ID =
  'nodes have one user only, root: daemons that change user or groups will fail; to have 65536, install newuidmap ' +
  '(apt-get install uidmap) and give yourself a range in /etc/subuid and /etc/subgid'

/** The maps of one lab's nodes. What is read from the machine is read once. */
export class IdMaps {
  private readonly uids: IdSpace
  private readonly gids: IdSpace

  constructor(caller: Caller) {
    this.uids = new IdSpace('uid', caller)
    this.gids = new IdSpace('gid', caller)
  }

  /** Whether there is root's own id alone: then no other user exists in a node, and groups cannot be changed. */
  get single(): boolean {
    return this.uids.single
  }

  /**
   * A node's maps in the words of the shim's spec; none where the user namespace is the host's.
   *
   * @throws LabError PRIVILEGE_MISSING when the file names ids that nslab's own namespace does not have.
   */
  words({ node, isolation }: Pick<NodeAdd, 'node' | 'isolation'>): string[] {
    if (isolation?.namespaces.user === 'host') return []
    return [
      ...(this.single ? ['setgroups', 'deny'] : []),
      ...this.uids.lines(isolation?.users?.uids ?? null, node).flatMap((line) => ['uidmap', line]),
      ...this.gids.lines(isolation?.users?.gids ?? null, node).flatMap((line) => ['gidmap', line]),
    ]
  }
}

/**
 * The users, or the groups, of a node of which the file says nothing. In a lab made by root, its root is root's first
 * subordinate id; in a rootless one, it is the caller.
 *
 * @param own those of the user namespace that nslab runs in
 */
export function defaultIds(kind: 'uid' | 'gid', own: readonly IdRange[], caller: Caller): IdRange[] {
  const granted = caller.rootless ? null : grantedIds(`/etc/sub${kind}`)
  if (granted && holds(own, granted)) return [{ inside: 0, outside: granted.start, count: granted.count }]
  // Root outside stays outside of nodes, unless it is alone.
  return passOn(own, caller.uid === 0 && !isSingle(own) ? 1 : 0)
}

/** The users, or the groups, that nslab's own user namespace has. */
class IdSpace {
  private readonly known: readonly IdRange[]
  private readonly byDefault: readonly IdRange[]

  constructor(
    private readonly kind: 'uid' | 'gid',
    caller: Caller,
  ) {
    this.known = ownIds(kind)
    this.byDefault = defaultIds(kind, this.known, caller)
  }

  get single(): boolean {
    return isSingle(this.known)
  }

  lines(ranges: IdRanges | null, node: string): string[] {
    if (ranges === null) return this.byDefault.map(lineOf)
    if (ranges === 'host') return this.known.map(({ inside, count }) => lineOf({ inside, outside: inside, count }))
    for (const range of ranges) this.requireKnown(range, node)
    return ranges.map(lineOf)
  }

  private requireKnown({ outside, count }: IdRange, node: string): void {
    if (holds(this.known, { start: outside, count })) return
    const have = this.known.map(({ inside, count: size }) => `${inside}–${inside + size - 1}`).join(', ')
    const wanted = `${outside}–${outside + count - 1}`
    throw new LabError('PRIVILEGE_MISSING', `${node} is to have ${this.kind}s ${wanted}, which nslab does not have`, {
      hint: `in the user namespace it runs in there are ${have || 'none'}`,
    })
  }
}

/** A line of /proc/PID/uid_map or gid_map (user_namespaces(7)). */
export const lineOf = ({ inside, outside, count }: IdRange): string => `${inside} ${outside} ${count}`
