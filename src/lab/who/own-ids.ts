// The users and groups that there are in the user namespace in which nslab runs: of the whole machine, or, as root of a
// container or of unshare(1), only what that was given.

import { readFileSync } from 'node:fs'
import type { IdSpan } from '../../kernel/subordinate-ids.js'
import type { IdRange } from '../../model/isolation.js'

/** What a node needs so that daemons find all the users they know: nobody is 65534. */
export const NODE_IDS = 65_536

/** user_namespaces(7): lines `INSIDE OUTSIDE COUNT`, seen from the namespace above. Here, `inside` is what counts. */
export function ownIds(kind: 'uid' | 'gid'): IdRange[] {
  return readFileSync(`/proc/self/${kind}_map`, 'latin1')
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ +/).map(Number))
    .map(([inside = 0, outside = 0, count = 0]) => ({ inside, outside, count }))
}

/** Whether a range may be mapped further: the kernel looks for it within one of its own. */
export const holds = (own: readonly IdRange[], { start, count }: IdSpan): boolean =>
  own.some(({ inside, count: size }) => start >= inside && start + count <= inside + size)

/** Whether root is the only one. */
export const isSingle = (own: readonly IdRange[]): boolean => own.length === 1 && own[0]?.count === 1

/**
 * Maps `next`, `next` + 1, … onto the ids from `first` on, up to what a node needs. The kernel wants a line for each run of
 * ids that it has itself.
 */
export function passOn(own: readonly IdRange[], first: number, next = 0): IdRange[] {
  const ranges: IdRange[] = []
  let at = next
  for (const { inside, count } of own.toSorted((a, b) => a.inside - b.inside)) {
    const outside = Math.max(inside, first)
    const length = Math.min(inside + count - outside, next + NODE_IDS - at)
    if (length <= 0) continue
    ranges.push({ inside: at, outside, count: length })
    at += length
  }
  return ranges
}
