// Which users outside the users of a node are: the uid and gid maps of its user namespace. "Outside" is the user
// namespace in which nslab runs, whichever that is.
import { readFileSync } from 'node:fs'
import { LabError } from '../errors.js'
import type { NodeAdd } from '../plan/op.js'
import type { IdRange, IdRanges } from '../topology/isolation.js'
import type { Caller } from './caller.js'
import { grantedIds } from './granted-ids.js'
import { NODE_IDS } from './outer-id-maps.js'

/** The maps of one lab's nodes. What is read from the machine is read once. */
export class IdMaps {
  private readonly uids: IdSpace
  private readonly gids: IdSpace

  constructor(caller: Caller) {
    this.uids = new IdSpace('uid', '/etc/subuid', caller)
    this.gids = new IdSpace('gid', '/etc/subgid', caller)
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

/** The users, or the groups, that nslab's own user namespace has. */
class IdSpace {
  private readonly known: readonly IdRange[]
  private readonly byDefault: readonly IdRange[]

  /** In a lab made by root, root of a node is root's first subordinate id; in a rootless one, it is the caller. */
  constructor(
    private readonly kind: 'uid' | 'gid',
    subordinateFile: '/etc/subuid' | '/etc/subgid',
    caller: Caller,
  ) {
    this.known = readMap(`/proc/self/${kind}_map`)
    const granted = caller.rootless ? null : grantedIds(subordinateFile)
    this.byDefault = granted
      ? [{ inside: 0, outside: granted.start, count: granted.count }]
      : // Root outside stays outside of nodes.
        passOn(this.known, caller.uid === 0 ? 1 : 0)
  }

  get single(): boolean {
    return this.known.length === 1 && this.known[0]?.count === 1
  }

  /** Lines of /proc/PID/uid_map or gid_map: `INSIDE OUTSIDE COUNT` (user_namespaces(7)). */
  lines(ranges: IdRanges | null, node: string): string[] {
    if (ranges === null) return this.byDefault.map(lineOf)
    if (ranges === 'host') return this.known.map(({ inside, count }) => lineOf({ inside, outside: inside, count }))
    for (const range of ranges) this.requireKnown(range, node)
    return ranges.map(lineOf)
  }

  /** The kernel looks for each range within one of its own. */
  private requireKnown({ outside, count }: IdRange, node: string): void {
    const fits = this.known.some(({ inside, count: size }) => outside >= inside && outside + count <= inside + size)
    if (fits) return
    const have = this.known.map(({ inside, count: size }) => `${inside}–${inside + size - 1}`).join(', ')
    const wanted = `${outside}–${outside + count - 1}`
    throw new LabError('PRIVILEGE_MISSING', `${node} is to have ${this.kind}s ${wanted}, which nslab does not have`, {
      hint: `in the user namespace it runs in there are ${have || 'none'}`,
    })
  }
}

const lineOf = ({ inside, outside, count }: IdRange): string => `${inside} ${outside} ${count}`

function readMap(path: string): IdRange[] {
  return readFileSync(path, 'latin1')
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ +/).map(Number))
    .map(([inside = 0, outside = 0, count = 0]) => ({ inside, outside, count }))
}

/** Maps 0, 1, … onto the ids from `first` on. The kernel wants a line for each run of ids that it has itself. */
function passOn(known: readonly IdRange[], first: number): IdRange[] {
  const ranges: IdRange[] = []
  let next = 0
  for (const { inside, count } of known.toSorted((a, b) => a.inside - b.inside)) {
    const outside = Math.max(inside, first)
    const length = Math.min(inside + count - outside, NODE_IDS - next)
    if (length <= 0) continue
    ranges.push({ inside: next, outside, count: length })
    next += length
  }
  return ranges
}
