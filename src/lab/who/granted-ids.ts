// Chooses the ranges of the machine's ids that nodes use besides the id of their owner, from /etc/subuid and /etc/subgid.
import { type Grant, type IdSpan, ownNames, readGrants } from '../../kernel/subordinate-ids.js'
import { IDS_PER_NODE } from './own-ids.js'
import { idsOf } from './users.js'

/** The range that useradd(8) grants first (SUB_UID_MIN of login.defs(5)); root needs no line to use it. */
const DEFAULT_FOR_ROOT: IdSpan = { start: 100_000, count: IDS_PER_NODE }
/** 2³²−1 is (uid_t)−1, which no user can have. */
const ID_MAX = 2 ** 32 - 2

export interface GrantedIds {
  /** In the order of the lines; they do not overlap. */
  spans: IdSpan[]
  /** A sentence for each line of the user that is not used, with the reason. */
  unused: string[]
}

/**
 * The ids that nodes get: those of all lines of the user of this process. A line that contains the id of a user or group of the
 * machine is never used: in nodes, that user would be root or another user, and could kill and trace their processes.
 *
 * Root uses the first line that is large enough for a node, else all lines together, and needs none: if they are too small for
 * a node, it uses a range that no user has been granted.
 */
export function grantedIds(kind: 'uid' | 'gid'): GrantedIds {
  const owners = ownNames()
  const own = readGrants(`/etc/sub${kind}`).filter(({ owner }) => owners.includes(owner))
  const granted = soundGrants(own, takenIds(kind))
  return process.geteuid?.() === 0 ? enoughForRoot(granted) : granted
}

/** The ids of the users or groups of the machine, each with a name for messages. */
function takenIds(kind: 'uid' | 'gid'): Grant[] {
  const noun = kind === 'uid' ? 'user' : 'group'
  return [{ id: 0, name: 'root' }, ...idsOf(kind)].map(({ id, name }) => ({
    owner: `${noun} ${name}`,
    start: id,
    count: 1,
  }))
}

/** Leaves out lines with ids of users or groups, and lines with ids of an earlier line, which the kernel maps only once. */
export function soundGrants(grants: readonly Grant[], taken: readonly Grant[]): GrantedIds {
  const spans: Grant[] = []
  const unused: string[] = []
  for (const grant of grants) {
    const user = taken.find((each) => overlap(each, grant))
    if (user) unused.push(`${lineOf(grant)} contains ${user.start}, the id of ${user.owner}`)
    else if (grant.start + grant.count - 1 > ID_MAX) unused.push(`${lineOf(grant)} goes beyond the largest id`)
    else if (spans.some((each) => overlap(each, grant))) unused.push(`${lineOf(grant)} overlaps another line`)
    else spans.push(grant)
  }
  return { spans: spans.map(({ start, count }) => ({ start, count })), unused }
}

function enoughForRoot({ spans, unused }: GrantedIds): GrantedIds {
  const large = spans.find(({ count }) => count >= IDS_PER_NODE)
  if (large) return { spans: [large], unused }
  if (spans.reduce((sum, { count }) => sum + count, 0) >= IDS_PER_NODE) return { spans, unused }
  const small = spans.map(({ start, count }) => `${start}:${count} has fewer than ${IDS_PER_NODE} ids`)
  const used = (['uid', 'gid'] as const).flatMap((kind) => [...readGrants(`/etc/sub${kind}`), ...takenIds(kind)])
  return { spans: [firstUngrantedRange(used)], unused: [...unused, ...small] }
}

/**
 * The first range, from the default one on, of which no id belongs or has been granted to a user. A user with a subordinate id
 * can become that id, and then kill and trace the processes of nodes that run under it.
 */
export function firstUngrantedRange(grants: readonly Grant[]): IdSpan {
  const { start: first, count } = DEFAULT_FOR_ROOT
  for (let start = first; start + count - 1 <= ID_MAX; start += count) {
    if (!grants.some((grant) => overlap(grant, { start, count }))) return { start, count }
  }
  return DEFAULT_FOR_ROOT
}

const overlap = (a: IdSpan, b: IdSpan): boolean => a.start < b.start + b.count && b.start < a.start + a.count

const lineOf = ({ owner, start, count }: Grant): string => `${owner}:${start}:${count}`
