// Computes the uid and gid maps of a node's user namespace: which ids inside the node are which ids outside. "Outside" is the
// user namespace in which nslab runs, initial or not.

import { LabError } from '../../errors.js'
import type { IdRange, IdRanges } from '../../model/isolation.js'
import type { NodeAdd } from '../../plan/op.js'
import type { Caller } from './caller.js'
import { grantedIds } from './granted-ids.js'
import { contains, isSingle, mapOwnIds, mapSpans, ownIds } from './own-ids.js'

/** The warning for nodes in which root is the only id. */
export const SINGLE_ID =
  'nodes have one user only, root: daemons that change user or groups will fail; to have 65536, install newuidmap ' +
  '(apt-get install uidmap) and give yourself a range in /etc/subuid and /etc/subgid; `nslab doctor` says what is missing'

/** The maps of all nodes of one lab. The files of the machine are read once, when it is made. */
export class IdMaps {
  private readonly uids: IdSpace
  private readonly gids: IdSpace

  constructor(caller: Caller) {
    this.uids = new IdSpace('uid', caller)
    this.gids = new IdSpace('gid', caller)
  }

  /** Whether root is the only id: then a node has no other user, and processes in it cannot change their groups. */
  get single(): boolean {
    return this.uids.single
  }

  /** Root of nodes for which the topology gives no map, as ids of the user namespace that nslab runs in. */
  get root(): { uid: number; gid: number } {
    return { uid: this.uids.root, gid: this.gids.root }
  }

  /**
   * The maps of a node as words of the shim's spec; no words for a node that shares the host's user namespace.
   *
   * @throws LabError PRIVILEGE_MISSING when the topology maps ids that do not exist in nslab's own user namespace.
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
 * The uid or gid map of a node for which the topology gives none. In a lab made by root, the node's root is the first
 * subordinate id of root; in a rootless lab, it is the caller.
 *
 * @param own the ids of the user namespace that nslab runs in
 */
export function defaultIds(kind: 'uid' | 'gid', own: readonly IdRange[], caller: Caller): IdRange[] {
  const granted = caller.rootless ? [] : grantedIds(kind).spans.filter((span) => contains(own, span))
  if (granted.length > 0) return mapSpans(granted)
  // Nodes do not get root's own id, unless it is the only one.
  return mapOwnIds(own, caller.uid === 0 && !isSingle(own) ? 1 : 0)
}

/** The user ids or the group ids of nslab's own user namespace, and the maps of nodes onto them. */
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

  get root(): number {
    return this.byDefault[0]?.outside ?? 0
  }

  /** Lines of a node's map. @param ranges what the topology says; null when it says nothing */
  lines(ranges: IdRanges | null, node: string): string[] {
    if (ranges === null) return this.byDefault.map(idMapLine)
    if (ranges === 'host') return this.known.map(({ inside, count }) => idMapLine({ inside, outside: inside, count }))
    for (const range of ranges) this.requireKnown(range, node)
    return ranges.map(idMapLine)
  }

  private requireKnown({ outside, count }: IdRange, node: string): void {
    if (contains(this.known, { start: outside, count })) return
    const have = this.known.map(({ inside, count: size }) => `${inside}–${inside + size - 1}`).join(', ')
    const wanted = `${outside}–${outside + count - 1}`
    throw new LabError(
      'PRIVILEGE_MISSING',
      `${node} maps ${this.kind}s ${wanted}, which do not exist in the user namespace of nslab`,
      {
        hint: have ? `it has ${this.kind}s ${have}` : `it has no ${this.kind}s`,
      },
    )
  }
}

/** A line of /proc/PID/uid_map or gid_map (user_namespaces(7)). */
export const idMapLine = ({ inside, outside, count }: IdRange): string => `${inside} ${outside} ${count}`
