// Warnings about nodes whose users can act outside the node.

import type { IdRanges, Isolation } from '../../model/isolation.js'
import { isRootOutside, userOf } from './isolation.js'

/** Lower ids are users and groups of the system (SYS_UID_MAX of login.defs(5)). */
const FIRST_ORDINARY_ID = 1000

/** Warns if users of a node are, outside, the user who runs nslab, or users of the system. */
export function isolationWarnings(name: string, isolation: Isolation): string[] {
  const { uids, gids } = isolation.users ?? { uids: 'host', gids: 'host' }
  if (isRootOutside(isolation)) {
    const user = isolation.users && userOf(uids, 0)
    return [
      `${user ? `user ${user}` : 'root'} in ${name} is not confined: outside it is the user who runs nslab; where that is root, it can read /etc/shadow and change the host's settings`,
    ]
  }
  if (!isolation.users) return []
  const found = [...systemIds('user', uids), ...systemIds('group', gids)]
  if (found.length === 0) return []
  return [
    `${name} has ${found.join(' and ')} of the machine's own: when root runs nslab, the node can read and change their files`,
  ]
}

/** `groups 0–99` */
function systemIds(noun: 'user' | 'group', ranges: IdRanges): string[] {
  if (ranges === 'host') return [`all ${noun}s`]
  const spans = ranges
    .filter(({ outside }) => outside < FIRST_ORDINARY_ID)
    .map(({ outside, count }) => [outside, Math.min(outside + count, FIRST_ORDINARY_ID) - 1] as const)
  const [only, ...more] = spans.map(([first, last]) => (first === last ? String(first) : `${first}–${last}`))
  if (only === undefined) return []
  return [`${noun}${more.length === 0 && !only.includes('–') ? '' : 's'} ${[only, ...more].join(', ')}`]
}
