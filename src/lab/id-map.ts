// Which users outside the users of a node are: the uid and gid maps of its user namespace. "Outside" is the user
// namespace in which nslab runs, whichever that is.
import { readFileSync } from 'node:fs'
import { LabError } from '../errors.js'
import type { NodeAdd } from '../plan/op.js'
import type { IdRange, IdRanges } from '../topology/isolation.js'

/** Used when root has no line in /etc/subuid or /etc/subgid: the range that useradd(8) hands out first. */
const DEFAULT_RANGE: IdRange = { inside: 0, outside: 100_000, count: 65_536 }

/** The maps of one lab's nodes. What is read from the machine is read once. */
export class IdMaps {
  private readonly uids = new IdSpace('uid', '/etc/subuid')
  private readonly gids = new IdSpace('gid', '/etc/subgid')

  /**
   * A node's maps in the words of the shim's spec; none where the user namespace is the host's.
   *
   * @throws LabError PRIVILEGE_MISSING when the file names ids that nslab's own namespace does not have.
   */
  words({ node, isolation }: Pick<NodeAdd, 'node' | 'isolation'>): string[] {
    if (isolation?.namespaces.user === 'host') return []
    return [
      ...this.uids.lines(isolation?.users?.uids ?? null, node).flatMap((line) => ['uidmap', line]),
      ...this.gids.lines(isolation?.users?.gids ?? null, node).flatMap((line) => ['gidmap', line]),
    ]
  }
}

/** The users, or the groups, that nslab's own user namespace has. */
class IdSpace {
  private readonly known: readonly IdRange[]
  private readonly byDefault: string

  constructor(
    private readonly kind: 'uid' | 'gid',
    subordinateFile: string,
  ) {
    this.known = readMap(`/proc/self/${kind}_map`)
    this.byDefault = lineOf(subordinateRange(subordinateFile))
  }

  /** Lines of /proc/PID/uid_map or gid_map: `INSIDE OUTSIDE COUNT` (user_namespaces(7)). */
  lines(ranges: IdRanges | null, node: string): string[] {
    if (ranges === null) return [this.byDefault]
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

/** The first range of root's in a subuid(5) or subgid(5) file. */
function subordinateRange(path: string): IdRange {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return DEFAULT_RANGE
  }
  const match = /^(?:root|0):([0-9]+):([0-9]+)$/m.exec(text)
  return match ? { inside: 0, outside: Number(match[1]), count: Number(match[2]) } : DEFAULT_RANGE
}
