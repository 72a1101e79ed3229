// The user and group ids that exist in the user namespace in which nslab runs: all ids of the machine, or only some of them, as
// in a container or below unshare(1).

import { readFileSync } from 'node:fs'
import { attempt } from '../../kernel/attempt.js'
import type { IdSpan } from '../../kernel/subordinate-ids.js'
import type { IdRange } from '../../model/isolation.js'

/** Number of ids that a node needs so that daemons find all users they know: `nobody` is 65534. */
export const IDS_PER_NODE = 65_536

/** Reads /proc/self/uid_map or gid_map (user_namespaces(7)). The ids that nslab can use are those of `inside`. @throws KernelError */
export function ownIds(kind: 'uid' | 'gid'): IdRange[] {
  const path = `/proc/self/${kind}_map`
  return attempt('read', path, () => readFileSync(path, 'latin1'))
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ +/).map(Number))
    .map(([inside = 0, outside = 0, count = 0]) => ({ inside, outside, count }))
}

/** Maps spans of this namespace onto the ids `next`, `next` + 1, … of a nested one, at most as many as a node needs. */
export function mapSpans(spans: readonly IdSpan[], next = 0): IdRange[] {
  const ranges: IdRange[] = []
  let at = next
  for (const { start, count } of spans) {
    const length = Math.min(count, next + IDS_PER_NODE - at)
    if (length > 0) ranges.push({ inside: at, outside: start, count: length })
    at += length
  }
  return ranges
}

/** Whether a range can be mapped into a nested namespace: the kernel wants it to lie within one range of this namespace. */
export const contains = (own: readonly IdRange[], { start, count }: IdSpan): boolean =>
  own.some(({ inside, count: size }) => start >= inside && start + count <= inside + size)

/** Whether root is the only id. */
export const isSingle = (own: readonly IdRange[]): boolean => own.length === 1 && own[0]?.count === 1

/**
 * Maps the ids `next`, `next` + 1, … of a nested namespace onto this namespace's ids from `first` on, at most as many as a node
 * needs. The kernel wants one line for each contiguous range of this namespace.
 */
export function mapOwnIds(own: readonly IdRange[], first: number, next = 0): IdRange[] {
  const ranges: IdRange[] = []
  let at = next
  for (const { inside, count } of own.toSorted((a, b) => a.inside - b.inside)) {
    const outside = Math.max(inside, first)
    const length = Math.min(inside + count - outside, next + IDS_PER_NODE - at)
    if (length <= 0) continue
    ranges.push({ inside: at, outside, count: length })
    at += length
  }
  return ranges
}
