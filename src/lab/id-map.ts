// Which users of the host are which users of a lab: the uid and gid maps of a lab's outer user namespace and of a node's.
import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import type { Caller } from './caller.js'

/** Lines of /proc/PID/uid_map and gid_map: `INSIDE OUTSIDE COUNT` (user_namespaces(7)). */
export interface IdMaps {
  uid: string[]
  gid: string[]
}

interface Range {
  start: number
  count: number
}

/** Used when root has no line in /etc/subuid or /etc/subgid: the range that useradd(8) hands out first. */
const DEFAULT_RANGE: Range = { start: 100_000, count: 65_536 }
/** What a node needs so that daemons find all the users they know: nobody is 65534. */
const NODE_IDS = 65_536

/**
 * Maps of a rootless lab's outer user namespace: its root is the caller; the other ids are the caller's subordinate ones,
 * when /etc/subuid and /etc/subgid grant any.
 */
export function outerIdMaps(caller: Caller = { uid: process.geteuid?.() ?? 0, rootless: false }): IdMaps {
  const own = { uid: [`0 ${caller.uid} 1`], gid: [`0 ${process.getegid?.() ?? 0} 1`] }
  const owners = ownersOf(caller.uid)
  const fallback = caller.uid === 0 ? DEFAULT_RANGE : null
  const [uids, gids] = [subordinates('/etc/subuid', owners, fallback), subordinates('/etc/subgid', owners, fallback)]
  if (!uids || !gids) return own
  return {
    uid: [...own.uid, `1 ${uids.start} ${Math.min(uids.count, NODE_IDS)}`],
    gid: [...own.gid, `1 ${gids.start} ${Math.min(gids.count, NODE_IDS)}`],
  }
}

/**
 * Maps of a node, as seen from the user namespace that this process is in: root in a node is an unprivileged user outside.
 * In a lab made by root that is root's own subordinate range, else 100000–165535; in a rootless one it is the caller.
 */
export function nodeIdMaps(caller: Caller): IdMaps {
  if (!caller.rootless) {
    const owners = ownersOf(0)
    const line = (path: string) => {
      const { start, count } = subordinates(path, owners, DEFAULT_RANGE) as Range
      return `0 ${start} ${count}`
    }
    return { uid: [line('/etc/subuid')], gid: [line('/etc/subgid')] }
  }
  const first = caller.uid === 0 ? 1 : 0 // root outside stays outside of nodes
  return { uid: passOn(extentsIn('/proc/self/uid_map'), first), gid: passOn(extentsIn('/proc/self/gid_map'), first) }
}

/** Whether only root's own id is there, so that no other user exists in a node and groups cannot be changed. */
export const isSingleId = ({ uid }: IdMaps): boolean => uid.length === 1 && uid[0]?.split(' ')[2] === '1'

/** The ids that a user namespace has, as runs. */
function extentsIn(path: string): Range[] {
  return readFileSync(path, 'latin1')
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number, number])
    .map(([start, , count]) => ({ start, count }))
    .sort((a, b) => a.start - b.start)
}

/** Maps 0, 1, … onto the ids from `first` on. The kernel wants a line for each run that it has itself. */
function passOn(extents: readonly Range[], first: number): string[] {
  const lines: string[] = []
  let next = 0
  for (const { start, count } of extents) {
    const from = Math.max(start, first)
    const length = Math.min(start + count - from, NODE_IDS - next)
    if (length <= 0) continue
    lines.push(`${next} ${from} ${length}`)
    next += length
  }
  return lines
}

/** What a user is called in subuid(5): the name or the number. */
function ownersOf(uid: number): string[] {
  try {
    return [userInfo().username, String(uid)]
  } catch {
    return [String(uid)]
  }
}

/** The first range that a subuid(5) or subgid(5) file grants to one of these. */
function subordinates(path: string, owners: readonly string[], fallback: Range | null): Range | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return fallback
  }
  for (const line of text.split('\n')) {
    const [owner, start, count] = line.split(':')
    if (owner !== undefined && owners.includes(owner) && Number(count) > 0) {
      return { start: Number(start), count: Number(count) }
    }
  }
  return fallback
}
